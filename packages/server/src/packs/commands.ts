import { createHash } from 'node:crypto';
import { assert, CNY, done, hours, plus, refuse } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { listAccounts } from '../accounts/index.ts';
import { askApproval, useApproval } from '../approvals/index.ts';
import type { CustomsJobParts } from '../customs/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { nextNumbers } from '../platform/counters.ts';
import type { Tx } from '../platform/db.ts';
import type { PackBuilder } from './builder.ts';
import { windowOf } from './chart.ts';
import type { Chart } from './chart.ts';
import { collect } from './collect.ts';
import type { Collected } from './collect.ts';
import { coverHtml } from './cover.ts';
import type { Cover } from './cover.ts';
import { fileOf } from './file-pieces.ts';
import type { PackFile } from './file-pieces.ts';
import { manifestJson } from './manifest.ts';
import { findBars, findSource } from './member-store.ts';
import type { Source } from './member-store.ts';
import { plansTold } from './plans-told.ts';
import { findMerchantNames, findSamePack, insertFiles, insertMembers, insertPack } from './store.ts';
import type { Pack } from './store.ts';
import type { Words } from './words.ts';

export type PackWish = {
  /** Puts the bytes of the exchanges into the pack, masked; their digests are there anyhow. */
  readonly raw?: boolean;
  /** Shows people to the port as they are. Takes a second person. */
  readonly unmaskedForPort?: boolean;
  /** The approval that was asked for when this was wanted first. */
  readonly approvalId?: string;
  /** Until when an answer is wanted; 24 hours from now unless told. */
  readonly answerInMs?: number;
};

export type MadePack = {
  readonly id: string;
  readonly receiver: Pack['receiver'];
  readonly members: number;
  /** Every member of the source that belongs to this receiver is in, with accept time, last query and the digest of its answer. */
  readonly complete: boolean;
  /** Order numbers of those that lack one of the three; a thousand at most. */
  readonly missing: readonly string[];
  readonly pack: Pack;
  /** The same was said to the same receiver before: that pack, not another one. */
  readonly again: boolean;
};

export type MadePacks = {
  readonly source: string;
  readonly packs: readonly MadePack[];
  /** What is ours to do, handed to nobody; rows of the decision table with their counts. */
  readonly ours: { readonly members: number; readonly rows: Readonly<Record<string, number>>; readonly csv: string };
  /** Delivered or released since they were sorted. */
  readonly settled: number;
};

const command = 'customs.evidence';
const missingMax = 1000;

/**
 * Makes the packs of a source, one for each receiver who can mend something, and keeps them with their files. The same facts make the same
 * packs: making them again returns those that were made. Nothing is sent.
 * @returns refusals pack.source_not_found, pack.nothing_to_say, pack.unmasked_not_approved, those of `allowed` and `useApproval`.
 */
export async function makePacks(
  parts: CustomsJobParts,
  actor: Actor,
  sourceId: string,
  wish: PackWish,
): Promise<Result<MadePacks>> {
  const source = await findSource(parts.db, sourceId);
  if (!source) return refuse('pack.source_not_found', { source: sourceId });
  const permitted = allowed(actor, command, source.merchantId);
  if (!permitted.ok) return permitted;
  const unmaskedForPort = wish.unmaskedForPort === true;
  if (unmaskedForPort && wish.approvalId === undefined) return askToUnmask(parts, actor, source);
  const collected = await collect(parts, source, { raw: wish.raw === true, unmaskedForPort });
  const { builders, ours, settled } = collected;
  if (builders.length === 0) return refuse('pack.nothing_to_say', { source: sourceId, ours: ours.members, settled });
  const drafts = await draftsOf(parts, source, collected, wish);
  await parts.keyring.prepare(parts.clock.now());
  const made = await parts.db.transaction(async (tx) => {
    const stamp = { at: parts.clock.now(), ids: parts.ids };
    if (unmaskedForPort) {
      const use = { id: wish.approvalId ?? '', command, subject: source.id, input: unmaskInput(source), by: actor };
      const used = await useApproval(tx, use, stamp);
      if (!used.ok) return used;
    }
    const packs: MadePack[] = [];
    for (const draft of drafts) packs.push(await savePack(tx, parts, actor, draft, stamp.at));
    return done(packs);
  });
  if (!made.ok) return made;
  const told = { members: ours.members, rows: ours.rows, csv: ours.csv() };
  return done({ source: sourceId, packs: made.value, ours: told, settled });
}

const unmaskInput = (source: Source): { source: string; shown_to: string } => ({ source: source.id, shown_to: 'port' });

async function askToUnmask(parts: CustomsJobParts, actor: Actor, source: Source): Promise<Result<never>> {
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  const { merchantId, id: subject } = source;
  const ask = { merchantId, command, subject, input: unmaskInput(source), maker: actor };
  const asked = await parts.db.transaction((tx) => askApproval(tx, ask, stamp));
  return refuse('pack.unmasked_not_approved', { approval: asked.id });
}

/** A pack that is written but for its number and its times. */
type Draft = {
  readonly source: Source;
  readonly builder: PackBuilder;
  readonly files: readonly PackFile[];
  readonly factsSha256: string;
  readonly cover: Omit<Cover, 'packId' | 'madeAt' | 'deadlineAt'>;
  readonly raw: boolean;
  readonly answerInMs: number;
};

async function draftsOf(
  parts: CustomsJobParts,
  source: Source,
  { builders }: Collected,
  wish: PackWish,
): Promise<Draft[]> {
  const merchant = (await findMerchantNames(parts.db, source.merchantId)) ?? sameWords(source.merchantId);
  const accounts = await listAccounts(parts.db, [source.merchantId]);
  const named = new Map(accounts.map((account) => [account.id, nameOfAccount(account)]));
  const drafts: Draft[] = [];
  for (const builder of builders) {
    const figures = builder.figures();
    const files = builder.finish();
    const chart = await chartOf(parts, source, builder);
    const plans = await plansTold(parts, source, figures.plans);
    const raw = wish.raw === true;
    const unmaskedBy = builder.receiver.kind === 'port' ? wish.approvalId : undefined;
    const answerInMs = wish.answerInMs ?? hours(24);
    const cover = {
      ...{ sourceId: source.id, receiver: builder.receiver, receiverName: receiverName(parts, builder) },
      ...{ merchant, accounts: figures.accounts.map((id) => named.get(id) ?? id), figures, chart, plans },
      money: figures.currency && { minor: figures.moneyMinor, currency: figures.currency },
      unmaskedBy: wish.unmaskedForPort === true ? unmaskedBy : undefined,
    };
    const factsSha256 = digestOf(cover, files, { raw, answerInMs });
    drafts.push({ source, builder, files, factsSha256, cover, raw, answerInMs });
  }
  return drafts;
}

const sameWords = (text: string): Words => ({ zh: text, en: text });

function receiverName({ channels }: CustomsJobParts, { receiver }: PackBuilder): Words {
  const manifest = receiver.kind === 'channel' ? channels.get(receiver.id)?.manifest : undefined;
  return manifest ? { zh: manifest.nameZh, en: manifest.nameEn } : sameWords(receiver.id);
}

/** The account by its name and by its number at the channel: how calls are made says nothing to a receiver. */
function nameOfAccount({ name, settings }: { name: string; settings: Readonly<Record<string, string>> }): string {
  const known = Object.entries(settings).filter(([, value]) => /^\w*\d{6,}\w*$/.test(value));
  return [name, ...known.map(([key, value]) => `${key} ${value}`)].join(' ');
}

async function chartOf(parts: CustomsJobParts, source: Source, builder: PackBuilder): Promise<Chart | undefined> {
  const { firstAt, lastAt, channels, places } = builder.figures();
  if (firstAt === undefined || lastAt === undefined) return undefined;
  const { widthMs, from, until } = windowOf(firstAt, lastAt);
  const group = { merchantId: source.merchantId, channels, places };
  return { widthMs, from, until, firstAt, lastAt, bars: await findBars(parts.db, group, from, until, widthMs) };
}

/** Of everything that a pack says, without its number and without any clock. */
function digestOf(
  cover: Omit<Cover, 'packId' | 'madeAt' | 'deadlineAt'>,
  files: readonly PackFile[],
  how: { readonly raw: boolean; readonly answerInMs: number },
): string {
  const { chart, plans, receiver, sourceId, unmaskedBy, accounts, merchant } = cover;
  const said = { sourceId, receiver, merchant, accounts, unmaskedBy, chart, plans, how };
  const digests = files.map(({ name, sha256 }) => [name, sha256]);
  return createHash('sha256')
    .update(JSON.stringify([said, digests]))
    .digest('hex');
}

async function savePack(tx: Tx, parts: CustomsJobParts, actor: Actor, draft: Draft, at: Instant): Promise<MadePack> {
  const { source, builder, factsSha256 } = draft;
  const before = await findSamePack(tx, source.id, builder.receiver, factsSha256);
  if (before) return madePack(before, true);
  const [number] = await nextNumbers(tx, 'pack', 1);
  const pack = await writePack(tx, parts, actor, draft, { id: `E-${number}`, at });
  const detail = {
    source: source.id,
    receiver: `${pack.receiver.kind}/${pack.receiver.id}`,
    members: pack.members,
    sha256: pack.sha256,
  };
  const entry = { actor, act: 'customs.evidence_made', subject: pack.id, detail };
  await writeAudit(tx, [entry], { at, ids: parts.ids });
  return madePack(pack, false);
}

function madePack(pack: Pack, again: boolean): MadePack {
  const { id, receiver, members, complete, missing } = pack;
  return { id, receiver, members, complete, missing, pack, again };
}

async function writePack(
  tx: Tx,
  parts: CustomsJobParts,
  actor: Actor,
  draft: Draft,
  { id, at }: { readonly id: string; readonly at: Instant },
): Promise<Pack> {
  const { source, builder, cover, raw } = draft;
  const { figures } = cover;
  const deadlineAt = plus(at, draft.answerInMs);
  const complete = figures.missing.length === 0;
  const whole: Cover = { ...cover, packId: id, madeAt: at, deadlineAt };
  const files = [fileOf('cover.html', coverHtml(whole)), ...draft.files];
  const manifest = fileOf('manifest.json', manifestJson({ ...whole, madeBy: actor.userId, raw, complete, files }));
  const pack: Pack = {
    ...{ id, merchantId: source.merchantId, source: source.id, receiver: builder.receiver },
    ...{ factsSha256: draft.factsSha256, sha256: manifest.sha256, members: figures.members },
    ...{ moneyMinor: figures.moneyMinor, currency: figures.currency ?? CNY, complete, raw },
    ...{ missing: figures.missing.slice(0, missingMax), unmaskedBy: cover.unmaskedBy, factsUntil: figures.factsUntil },
    ...{ madeBy: actor.userId, madeAt: at, deadlineAt, sentAt: undefined, sentBy: undefined, sentNote: '' },
  };
  assert(pack.members > 0, 'a pack without members');
  await insertPack(tx, pack);
  await insertMembers(tx, id, builder.lines);
  await insertFiles(tx, id, [...files, manifest], (piece, rowId) =>
    parts.keyring.sealBytes('exchange', piece, { table: 'evidence_pack_pieces', column: 'piece', rowId }),
  );
  return pack;
}
