import { rfc3339, toDecimal } from '../kernel/index.ts';
import type { PackFile } from './file-pieces.ts';
import type { Cover } from './cover.ts';

export type ManifestOf = Cover & {
  readonly madeBy: string;
  readonly raw: boolean;
  readonly complete: boolean;
  readonly files: readonly Pick<PackFile, 'name' | 'bytes' | 'sha256'>[];
};

/** What is in a pack and by which digests anybody can check it. */
export function manifestJson(of: ManifestOf): string {
  const { figures, receiver, money, unmaskedBy } = of;
  const manifest = {
    pack: of.packId,
    source: of.sourceId,
    receiver: { kind: receiver.kind, id: receiver.id },
    merchant: { zh: of.merchant.zh, en: of.merchant.en },
    made_by: of.madeBy,
    made_at: rfc3339(of.madeAt),
    facts_until: rfc3339(figures.factsUntil),
    deadline: rfc3339(of.deadlineAt),
    members: figures.members,
    money: money ? { amount: toDecimal(money), currency: money.currency } : null,
    complete: of.complete,
    incomplete: figures.missing.length,
    rows: Object.fromEntries([...figures.rows].sort(([a], [b]) => (a < b ? -1 : 1))),
    masking: unmaskedBy === undefined ? 'family name and last 4' : `none, by approval ${unmaskedBy}`,
    raw_messages: of.raw
      ? 'included, masked as above; the digests are of the bytes as they were kept'
      : 'by digest, on request',
    files: of.files.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
