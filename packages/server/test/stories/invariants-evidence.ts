import { meaningOf } from '../../src/customs/return-status.ts';
import type { KeptFact } from '../../src/customs/store.ts';
import type { Broken } from './broken.ts';
import type { ItemRow, Snapshot } from './snapshot.ts';

/** What a level of evidence must rest on, written from its definition: E1 the channel worked, E2 the e-port answered, E3 port or customs. */
export function evidenceLaw(before: Snapshot, now: Snapshot): Broken | undefined {
  const earlier = new Map(before.items.map((item) => [`${item.plan_id}/${item.declaration_id}`, item]));
  const factsOf = Map.groupBy(now.facts, (fact) => fact.declarationId);
  for (const item of now.items) {
    const was = earlier.get(`${item.plan_id}/${item.declaration_id}`)?.evidence ?? null;
    const what = `plan ${item.plan_id}, ${item.declaration_id}: ${was} → ${item.evidence}`;
    if (was !== null && (item.evidence ?? '') < was) return { law: 'evidence never falls', what };
    if (item.evidence === null) continue;
    const lacking = lackingFor(item, factsOf.get(item.declaration_id) ?? []);
    if (lacking !== undefined)
      return {
        law: 'evidence rises by a fact of its kind after the push, and by nothing else',
        what: `${what}: ${lacking}`,
      };
  }
  return undefined;
}

function lackingFor({ evidence, pushed_at: pushedAt }: ItemRow, facts: readonly KeptFact[]): string | undefined {
  if (pushedAt === null) return evidence === 'E0' ? undefined : 'nothing was pushed';
  const looks = facts.flatMap((fact) =>
    fact.body.kind === 'channel_record' && fact.lastSeenAt > pushedAt && fact.trust !== 'none'
      ? [fact.body.snapshot]
      : [],
  );
  if (evidence === 'E0') return undefined;
  if (evidence === 'E1') return looks.length > 0 ? undefined : 'no look after the push';
  if (evidence === 'E2')
    return looks.some(({ receipt }) => isAfter(receipt, pushedAt)) ? undefined : 'no receipt after the push';
  return facts.some((fact) => tellsOfPort(fact, pushedAt)) ? undefined : 'no word of port or customs';
}

/** Receipts carry whole seconds; one without a time, or under another number, may count as well. */
function isAfter(
  receipt: { readonly code: string; readonly at?: number; readonly receiptId?: string } | undefined,
  pushedAt: number,
): boolean {
  if (!receipt) return false;
  return receipt.at === undefined || receipt.at >= Math.floor(pushedAt / 1000) * 1000;
}

function tellsOfPort({ body, heardAt, happenedAt, lastSeenAt }: KeptFact, pushedAt: number): boolean {
  const isLater = Math.max(heardAt, happenedAt, lastSeenAt) > pushedAt;
  if (body.kind === 'payment_receipt') return happenedAt > pushedAt && meaningOf(body.status).rank >= 2;
  if (body.kind === 'port_status') return body.released && isLater;
  return ['port_released', 'list_receipt', 'port_has'].includes(body.kind) && isLater;
}
