import { createHash } from 'node:crypto';
import type { Instant } from '../kernel/index.ts';
import { findDeclarations, judgeMembers } from '../customs/index.ts';
import type { CustomsJobParts } from '../customs/index.ts';
import { PackBuilder } from './builder.ts';
import type { OpenedCall } from './builder.ts';
import { OursList } from './ours.ts';
import type { PackMember } from './member.ts';
import { findLastQueries, findPushes, findSealed, findSourceMembers, findTried, findUnderWay } from './member-store.ts';
import type { KeptCall, Source, SourceMember } from './member-store.ts';
import type { Side } from './routing.data.ts';
import { receiversOf, routeOf } from './routing.ts';
import type { Receiver } from './routing.ts';

export type CollectOptions = { readonly raw: boolean; readonly unmaskedForPort: boolean };

export type Collected = {
  readonly builders: readonly PackBuilder[];
  readonly ours: OursList;
  readonly settled: number;
};

const chunk = 1000;

type Placed = {
  readonly member: PackMember;
  readonly builders: readonly PackBuilder[];
  readonly calls: readonly KeptCall[];
};

/** Goes through a source page by page and gives every member to whom it belongs. Sends nothing, writes nothing. */
export async function collect(parts: CustomsJobParts, source: Source, options: CollectOptions): Promise<Collected> {
  const builders = new Map<string, PackBuilder>();
  const ours = new OursList();
  const hashes = new Map<string, string>();
  const now = parts.clock.now();
  let settled = 0;
  const builderOf = (receiver: Receiver): PackBuilder => {
    const key = `${receiver.kind}/${receiver.id}`;
    const unmasked = options.unmaskedForPort && receiver.kind === 'port';
    const builder = builders.get(key) ?? new PackBuilder(receiver, { raw: options.raw, unmasked });
    builders.set(key, builder);
    return builder;
  };
  for (let after: SourceMember['place'] | undefined; ;) {
    const page = await findSourceMembers(parts.db, source, after, chunk);
    if (page.length === 0) break;
    after = page.at(-1)?.place;
    const placed: Placed[] = [];
    for (const { member, to, calls } of await membersOf(parts, source, page, now)) {
      if (to === 'nobody') settled += 1;
      else if (to === 'ours') ours.add(member);
      else placed.push({ member, builders: receiversOf(member.declaration, to).map(builderOf), calls });
    }
    await addPage(parts, placed, hashes);
  }
  const inOrder = [...builders.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, builder]) => builder);
  return { builders: inOrder, ours, settled };
}

type Found = { readonly member: PackMember; readonly to: Side; readonly calls: readonly KeptCall[] };

/** Sorted by the table once more: what was heard since the last triage may have changed who can help. */
async function membersOf(
  parts: CustomsJobParts,
  source: Source,
  page: readonly SourceMember[],
  now: Instant,
): Promise<Found[]> {
  const keys = page.map(({ key }) => key);
  const unjudged = { line: 0, verdictRow: undefined, verdict: undefined };
  const [queries, pushes, tried, underWay, judged] = await Promise.all([
    findLastQueries(parts.db, keys),
    findPushes(parts.db, keys),
    findTried(parts.db, keys),
    findUnderWay(parts.db, keys),
    judgeMembers(
      parts,
      source.merchantId,
      page.map((member) => ({ ...member, ...unjudged })),
      now,
    ),
  ]);
  const verdicts = new Map(judged.map(({ member }) => [member.declarationId, member.verdict]));
  // Nobody can sort what belongs to a channel that is gone.
  const others = keys.filter(({ id }) => !verdicts.has(id));
  const declarations = [...judged.map((one) => one.declaration), ...(await findDeclarations(parts.db, others))];
  const byId = new Map(declarations.map((declaration) => [declaration.id, declaration]));
  const pushesOf = Map.groupBy(pushes, (push) => push.declarationId);
  return page.flatMap(({ key }) => {
    const declaration = byId.get(key.id);
    if (!declaration) return [];
    const query = queries.get(key.id);
    const verdict = verdicts.get(key.id);
    const verdictRow = verdict?.row.row;
    const last = tried.get(key.id);
    const caveats = verdict?.caveats ?? [];
    const judgedAs = { verdictRow, caveats, evidence: last?.evidence, isUnderWay: underWay.has(key.id) };
    const { to, why } = routeOf(declaration, judgedAs);
    const answer = query && { exchangeId: query.exchangeId, answerSha256: '' };
    const member = { declaration, verdictRow, why, tried: last, answer };
    return [{ member, to, calls: [...(query ? [query] : []), ...(pushesOf.get(key.id) ?? [])] }];
  });
}

/** Each call is opened once for all who need it. */
async function addPage(parts: CustomsJobParts, placed: readonly Placed[], hashes: Map<string, string>): Promise<void> {
  const needed = new Map<string, KeptCall>();
  for (const { builders, calls } of placed)
    for (const call of calls)
      if (builders.some((builder) => !builder.hasCall(call.exchangeId))) needed.set(call.exchangeId, call);
  const opened = await openCalls(parts, [...needed.values()]);
  for (const [id, { answerSha256 }] of opened) hashes.set(id, answerSha256);
  for (const { member, builders, calls } of placed) {
    const sha256 = member.answer && hashes.get(member.answer.exchangeId);
    const { answer: _unread, ...rest } = member;
    const answer = member.answer && sha256 ? { ...member.answer, answerSha256: sha256 } : undefined;
    for (const builder of builders) {
      builder.add({ ...rest, answer });
      for (const call of calls) {
        const one = opened.get(call.exchangeId);
        if (one) builder.addCall(one);
      }
    }
  }
}

async function openCalls(parts: CustomsJobParts, calls: readonly KeptCall[]): Promise<Map<string, OpenedCall>> {
  if (calls.length === 0) return new Map();
  const sealed = new Map((await findSealed(parts.db, calls)).map((one) => [one.exchangeId, one]));
  await parts.keyring.loadFor(
    [...sealed.values()].flatMap(({ request, answer }) => (answer ? [request, answer] : [request])),
  );
  const open = (
    bytes: Uint8Array | undefined,
    table: string,
    column: string,
    rowId: string,
  ): Uint8Array | undefined => {
    const opened = bytes && parts.keyring.openBytes(bytes, { table, column, rowId });
    return opened?.kind === 'opened' ? opened.value : undefined;
  };
  return new Map(
    calls.map((call) => {
      const { exchangeId } = call;
      const kept = sealed.get(exchangeId);
      const request = open(kept?.request, 'exchanges', 'request', exchangeId);
      const answer = open(kept?.answer, 'exchange_answers', 'answer', exchangeId);
      const digests = { requestSha256: sha256Of(request), answerSha256: sha256Of(answer) };
      return [exchangeId, { call, request, answer, ...digests }];
    }),
  );
}

/** Empty for bytes whose key was erased, or that nobody sent. */
function sha256Of(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : createHash('sha256').update(bytes).digest('hex');
}
