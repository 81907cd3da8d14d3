import type { Queryable } from '../platform/db.ts';
import type { Declaration } from './declaration.ts';

/** Gives back the request numbers of declarations that were refused after all: corrected, their rows come again under a new id. */
export async function releaseRequestNos(tx: Queryable, declarations: readonly Declaration[]): Promise<void> {
  const numbered = declarations.filter((declaration) => declaration.requestNo !== undefined);
  if (numbered.length === 0) return;
  await tx.query(
    `delete from channel_requests r using unnest($1::text[], $2::text[], $3::uuid[]) as t(account_id, request_no, id)
     where r.account_id = t.account_id and r.request_no = t.request_no and r.declaration_id = t.id`,
    [
      numbered.map((declaration) => declaration.accountId),
      numbered.map((declaration) => declaration.requestNo),
      numbered.map((declaration) => declaration.id),
    ],
  );
}
