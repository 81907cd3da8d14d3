import { assert } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { timestamp } from '../platform/db.ts';
import type { Database, Queryable } from '../platform/db.ts';
import { updateRows } from '../platform/sql.ts';

export type OpenedReply = {
  /** When this file came in first: its rows are told as of then, however often it comes. */
  readonly importedAt: Instant;
  /** All its rows were told. */
  readonly told: boolean;
};

export async function openReply(
  db: Database,
  file: {
    readonly packId: string;
    readonly fileSha256: string;
    readonly fileName: string;
    readonly by: string;
    readonly at: Instant;
  },
): Promise<OpenedReply> {
  const { packId, fileSha256, fileName, by, at } = file;
  await db.query(
    `insert into evidence_pack_replies (pack_id, file_sha256, file_name, imported_at, imported_by)
     values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [packId, fileSha256, fileName, timestamp(at), by],
  );
  const [row] = await db.query<{ imported_at: Instant; told_at: Instant | null }>(
    'select imported_at, told_at from evidence_pack_replies where pack_id = $1 and file_sha256 = $2',
    [packId, fileSha256],
  );
  assert(row, `the reply to ${packId} is gone`);
  return { importedAt: row.imported_at, told: row.told_at !== null };
}

export async function markTold(tx: Queryable, packId: string, fileSha256: string, at: Instant): Promise<void> {
  await tx.query('update evidence_pack_replies set told_at = $3 where pack_id = $1 and file_sha256 = $2', [
    packId,
    fileSha256,
    timestamp(at),
  ]);
}

export type ReplyMember = {
  readonly bucket: number;
  readonly declarationId: string;
  readonly replyResult: string | undefined;
  readonly replyText: string;
};

/** Members of a pack that carry any of these numbers, in normal form. */
export async function findPackMembers(
  db: Queryable,
  packId: string,
  numbers: readonly string[],
): Promise<{ readonly number: string; readonly member: ReplyMember }[]> {
  const rows = await db.query<{
    normal_form: string;
    bucket: number;
    declaration_id: string;
    reply_result: string | null;
    reply_text: string;
  }>(
    `select n.normal_form, m.bucket, m.declaration_id, m.reply_result, m.reply_text
     from evidence_packs p
       join numbers n on n.merchant_id = p.merchant_id and n.normal_form = any($2::text[])
         and n.kind in ('order', 'child_order', 'request')
       join evidence_pack_members m on m.bucket = n.bucket and m.declaration_id = n.record and m.pack_id = p.id
     where p.id = $1`,
    [packId, numbers],
  );
  return rows.map((row) => ({
    number: row.normal_form,
    member: {
      ...{ bucket: row.bucket, declarationId: row.declaration_id },
      ...{ replyResult: row.reply_result ?? undefined, replyText: row.reply_text },
    },
  }));
}

export async function saveReplies(
  tx: Queryable,
  packId: string,
  replies: readonly { readonly member: ReplyMember; readonly result: string; readonly text: string }[],
  at: Instant,
): Promise<void> {
  const columns = {
    bucket: 'int2',
    declaration_id: 'uuid',
    pack_id: 'text',
    reply_result: 'text',
    reply_text: 'text',
    replied_at: 'timestamptz',
  } as const;
  // Several rows about one declaration: the last one stands here, all of them among its facts.
  const last = new Map(replies.map((reply) => [reply.member.declarationId, reply]));
  const rows = [...last.values()].map(({ member, result, text }) => ({
    ...{ bucket: member.bucket, declaration_id: member.declarationId, pack_id: packId },
    ...{ reply_result: result, reply_text: text, replied_at: at },
  }));
  await updateRows(tx, 'evidence_pack_members', columns, ['bucket', 'declaration_id', 'pack_id'], rows);
}
