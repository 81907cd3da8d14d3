import { createHash } from 'node:crypto';
import { done, refuse } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { observe } from '../customs/index.ts';
import type { CustomsJobParts, FactBody } from '../customs/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { normalForm } from '../platform/numbers.ts';
import { readTable } from '../platform/tables/index.ts';
import type { RowProblem } from '../platform/tables/index.ts';
import type { ReplyResult } from './reply-words.data.ts';
import { lostRow, readReplies, strangeRow } from './replies.ts';
import type { ReplyRow } from './replies.ts';
import { findPackMembers, markTold, openReply, saveReplies } from './reply-store.ts';
import type { ReplyMember } from './reply-store.ts';
import { findPack } from './store.ts';
import type { Pack } from './store.ts';

export type TakenReplies = {
  readonly packId: string;
  readonly rows: number;
  /** Rows that nobody filled in. */
  readonly empty: number;
  /** Answers that are news; the others said what was known already. */
  readonly told: number;
  /** The same file came in before: nothing was added. */
  readonly again: boolean;
  readonly results: Readonly<Record<string, number>>;
  /** Words that we do not know, kept as they came; each once, a hundred at most. */
  readonly unknownWords: readonly string[];
  readonly problems: readonly RowProblem[];
};

const chunk = 1000;

/**
 * Takes the answer to a pack: each row becomes a fact of its declaration. What a channel says about itself is kept and proves nothing; a
 * port's word about its own records counts. The same answer twice changes nothing.
 * @returns refusals pack.not_found, pack.reply_columns, those of `allowed` and of reading a table.
 */
export async function takeReplies(
  parts: CustomsJobParts,
  actor: Actor,
  packId: string,
  file: { readonly name: string; readonly bytes: Uint8Array },
): Promise<Result<TakenReplies>> {
  const pack = await findPack(parts.db, packId);
  if (!pack) return refuse('pack.not_found', { pack: packId });
  const permitted = allowed(actor, 'customs.import', pack.merchantId);
  if (!permitted.ok) return permitted;
  const table = await readTable(file.bytes, file.name);
  if (!table.ok) return table;
  const read = readReplies(table.value, pack.receiver.kind);
  if (!read.ok) return read;
  const fileSha256 = createHash('sha256').update(file.bytes).digest('hex');
  const now = parts.clock.now();
  const opened = await openReply(parts.db, { packId, fileSha256, fileName: file.name, by: actor.userId, at: now });
  const { members, strange } = await matched(parts, packId, read.value.rows);
  const news = opened.told ? [] : members.filter(({ row, member }) => isNews(row, member));
  const lost = await tellAll(parts, pack, news, opened.importedAt);
  const told = news.length - lost.length;
  // A file of which a row was lost may come again: only that row is news then.
  const end = { fileSha256, isWhole: lost.length === 0 };
  if (!opened.told) await endReply(parts, actor, pack, end, { file: file.name, told });
  const unknown = read.value.rows.filter(({ result, words }) => result === 'unknown' && words !== '');
  return done({
    ...{ packId, rows: read.value.rows.length, empty: read.value.empty, told, again: opened.told },
    results: countBy(members.map(({ row }) => row.result)),
    unknownWords: [...new Set(unknown.map(({ words }) => words))].slice(0, 100),
    problems: [...read.value.problems, ...strange.map(strangeRow), ...lost.map(lostRow)].sort(
      (a, b) => a.line - b.line,
    ),
  });
}

type Matched = { readonly row: ReplyRow; readonly member: ReplyMember };

function countBy(results: readonly ReplyResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const result of results) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}

/** By request number, else child order, else order number; a number that fits several members of the pack fits none. */
async function matched(
  parts: CustomsJobParts,
  packId: string,
  rows: readonly ReplyRow[],
): Promise<{ members: Matched[]; strange: ReplyRow[] }> {
  const members: Matched[] = [];
  const strange: ReplyRow[] = [];
  for (let from = 0; from < rows.length; from += chunk) {
    const part = rows.slice(from, from + chunk);
    const numbers = part.flatMap((row) => [row.requestNo, row.childOrderNo, row.orderNo]).map(normalForm);
    const found = await findPackMembers(parts.db, packId, [...new Set(numbers.filter((number) => number !== ''))]);
    const byNumber = Map.groupBy(found, ({ number }) => number);
    for (const row of part) {
      const number = normalForm(row.requestNo || row.childOrderNo || row.orderNo);
      const ids = new Map((byNumber.get(number) ?? []).map(({ member }) => [member.declarationId, member]));
      const [only] = ids.values();
      if (only && ids.size === 1) members.push({ row, member: only });
      else strange.push(row);
    }
  }
  return { members, strange };
}

/** An answer that says the same as the last one is no second fact. */
function isNews(row: ReplyRow, { replyResult, replyText }: ReplyMember): boolean {
  return replyResult !== row.result || replyText !== textOf(row);
}

const textOf = ({ words, text }: ReplyRow): string => [words, text].filter((part) => part !== '').join(' · ');

/** Returns the rows that their declarations did not take: refused, or put aside with a case. */
async function tellAll(parts: CustomsJobParts, pack: Pack, news: readonly Matched[], at: Instant): Promise<ReplyRow[]> {
  const lost: ReplyRow[] = [];
  for (let from = 0; from < news.length; from += chunk) {
    const part = news.slice(from, from + chunk);
    const results = await observe(
      parts,
      part.map(({ row, member }) => ({
        key: { bucket: member.bucket, id: member.declarationId },
        fact: {
          id: parts.ids.next(),
          source: pack.receiver.kind,
          trust: 'stated',
          ...{ happenedAt: at, heardAt: at },
          body: factOf(pack, row),
        },
      })),
    );
    const taken = part.filter((_, index) => results[index]?.ok);
    lost.push(...part.flatMap(({ row }, index) => (results[index]?.ok ? [] : [row])));
    const replies = taken.map(({ row, member }) => ({ member, result: row.result, text: textOf(row) }));
    await parts.db.transaction((tx) => saveReplies(tx, pack.id, replies, at));
  }
  return lost;
}

/** A port knows what it has. What a channel says it did is no evidence of arrival, and words that we do not know conclude nothing. */
function factOf(pack: Pack, row: ReplyRow): FactBody {
  const place = { reportId: pack.id, line: row.line };
  if (pack.receiver.kind === 'port') {
    if (row.result === 'has') return { kind: 'port_has', ...place, text: textOf(row) };
    if (row.result === 'missing') return { kind: 'port_missing', ...place };
    if (row.result === 'released') return { kind: 'port_released', ...place };
  }
  return { kind: 'pack_reply', ...place, result: row.result, text: textOf(row) };
}

async function endReply(
  parts: CustomsJobParts,
  actor: Actor,
  pack: Pack,
  { fileSha256, isWhole }: { readonly fileSha256: string; readonly isWhole: boolean },
  detail: { readonly file: string; readonly told: number },
): Promise<void> {
  const at = parts.clock.now();
  await parts.db.transaction(async (tx) => {
    if (isWhole) await markTold(tx, pack.id, fileSha256, at);
    const entry = { actor, act: 'customs.replies_imported', subject: pack.id, detail };
    await writeAudit(tx, [entry], { at, ids: parts.ids });
  });
}
