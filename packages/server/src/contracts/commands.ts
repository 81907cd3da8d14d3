import { assert, done, refuse, rfc3339, seconds } from '../kernel/index.ts';
import type { Instant, Refusal, Result } from '../kernel/index.ts';
import { openAccount } from '../accounts/index.ts';
import type { AccountParts } from '../accounts/index.ts';
import { askApproval, decideApproval, findApproval, useApproval } from '../approvals/index.ts';
import type { Approval, Json } from '../approvals/index.ts';
import type { Connector, DefaultTerm } from '../channels/contract/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor, Stamp } from '../identity/index.ts';
import type { Tx } from '../platform/db.ts';
import { refuseAs } from '../platform/refusals.ts';
import { blanksOf, isTermBlank, proposeCommand } from './blanks.ts';
import { sourceBlank } from './blanks.texts.ts';
import { isTermKind, labelOf, readValue, termKinds } from './kinds.ts';
import type { Misfit, TermKind } from './kinds.ts';
import { misfitWords, sameIn, sourceForm } from './kinds.texts.ts';
import { defaultsFrom, insertTerm, listTerms, lockTerms, termsOfSubject } from './store.ts';
import { every, inForce, overlapped, scenes } from './terms.ts';
import type { Term, TermSubject } from './terms.ts';

const command = 'accounts.terms';
const sourceMax = 200;

/** What somebody read in the contract, before anybody has looked at it. */
export type NewTerm = {
  readonly accountId: string;
  readonly product: string;
  readonly scene: string;
  readonly kind: string;
  readonly value: unknown;
  /** Whole seconds: approvals keep times as text. */
  readonly validFrom: Instant;
  readonly validTo?: Instant | undefined;
  readonly source: string;
};

/** A term with its form checked, before two people stand behind it. */
type Draft = TermSubject & Pick<Term, 'value' | 'validFrom' | 'validTo' | 'source'>;

export type ProposedTerm = {
  readonly approvalId: string;
  readonly digest: string;
  readonly lapsesAt: Instant;
  /** Present: the sandbox let one person do both, and it holds. */
  readonly term?: Term;
};

export type Proposing = {
  readonly reason: string;
  /** One person does both; only in an installation born as sandbox. */
  readonly alone?: boolean;
};

/**
 * Asks a second person to agree to what was read in the contract. Nothing changes before.
 * @returns refusals of `allowed`, account.not_found, contract.* about its form, contract.term_overlaps, production.refuses.
 */
export async function proposeTerm(
  parts: AccountParts,
  actor: Actor,
  given: NewTerm,
  { reason, alone = false }: Proposing,
): Promise<Result<ProposedTerm>> {
  const opened = await openAccount(parts, given.accountId);
  if (!opened.ok) return opened;
  const { merchantId, connector } = opened.value;
  const permitted = allowed(actor, `${command}.propose`, merchantId);
  if (!permitted.ok) return permitted;
  const checked = checkTerm(connector, given);
  if (!checked.ok) return checked;
  const draft = checked.value;
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  const subject = subjectText(draft);
  const input = inputOf(draft);
  try {
    return await parts.db.transaction(async (tx) => {
      const free = await checkFree(tx, draft);
      if (!free.ok) return free;
      const asked = await askApproval(tx, { merchantId, command, subject, input, maker: actor }, stamp);
      await writeAudit(tx, [{ actor, act: 'account.term_proposed', subject, reason, detail: input }], stamp);
      const proposed = { approvalId: asked.id, digest: asked.digest, lapsesAt: asked.lapsesAt };
      if (!alone) return done(proposed);
      const agreed = await agree(tx, { approvalId: asked.id, draft, actor, reason, onePerson: true }, stamp);
      if (!agreed.ok) throw new TakenBack(agreed.refusal);
      return done({ ...proposed, term: agreed.value });
    });
  } catch (error) {
    if (!(error instanceof TakenBack)) throw error;
    const { refusal } = error;
    if (refusal.code === 'approval.maker_is_checker') return refuseAs('production.refuses', { act: command });
    return { ok: false, refusal };
  }
}

/** One person alone gets all of it or nothing: what was asked is taken back with what was refused. */
class TakenBack extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

/**
 * A second person's word. Agreed, the term is kept as it was shown. Undefined: it was refused.
 * @returns refusals approval.*, contract.term_overlaps when another one was agreed to meanwhile.
 */
export async function decideTerm(
  parts: AccountParts,
  actor: Actor,
  approvalId: string,
  verdict: 'approve' | 'refuse',
  reason: string,
  expectedDigest?: string,
): Promise<Result<Term | undefined>> {
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  const approval = await findApproval(parts.db, approvalId, stamp.at);
  const draft = approval && draftOf(approval);
  if (!approval || !draft) return refuse('approval.not_found', { subject: approvalId });
  return parts.db.transaction(async (tx) => {
    const seen = expectedDigest === undefined ? {} : { expectedDigest };
    if (verdict === 'approve') return agree(tx, { approvalId, draft, actor, reason, ...seen }, stamp);
    const wish = { id: approvalId, verdict, checker: actor, reason, onePersonAllowed: false, ...seen };
    const decided = await decideApproval(tx, wish, stamp);
    return decided.ok ? done(undefined) : decided;
  });
}

type Agreement = {
  readonly approvalId: string;
  readonly draft: Draft;
  readonly actor: Actor;
  readonly reason: string;
  readonly expectedDigest?: string;
  readonly onePerson?: true;
};

async function agree(tx: Tx, agreement: Agreement, stamp: Stamp): Promise<Result<Term>> {
  const { approvalId, draft, actor, reason, expectedDigest, onePerson = false } = agreement;
  const free = await checkFree(tx, draft);
  if (!free.ok) return free;
  const seen = expectedDigest === undefined ? {} : { expectedDigest };
  const wish = { id: approvalId, verdict: 'approve', checker: actor, reason, ...seen } as const;
  const decided = await decideApproval(tx, { ...wish, onePersonAllowed: onePerson }, stamp);
  if (!decided.ok) return decided;
  const { maker, checker } = decided.value;
  const subject = subjectText(draft);
  const input = inputOf(draft);
  const used = await useApproval(tx, { id: approvalId, command, subject, input, by: actor }, stamp);
  assert(used.ok, `approval ${approvalId} was given a moment ago and cannot be used`);
  const term: Term = { ...draft, madeBy: maker, approvedBy: checker, approvalId, madeAt: stamp.at };
  await insertTerm(tx, term);
  const detail = { ...input, approval: approvalId };
  await writeAudit(tx, [{ actor, act: 'account.term_agreed', subject, reason, detail }], stamp);
  return done(term);
}

async function checkFree(tx: Tx, draft: Draft): Promise<Result<void>> {
  await lockTerms(tx, draft.accountId);
  const other = overlapped(await termsOfSubject(tx, draft), draft);
  if (!other) return done(undefined);
  const { kind, product, scene, validFrom } = draft;
  return refuseAs('contract.term_overlaps', { kind, product, scene, validFrom, otherFrom: other.validFrom });
}

/** The form alone; whether another term stands against it is asked inside the transaction. */
function checkTerm({ manifest, statement }: Connector, given: NewTerm): Result<Draft> {
  const { accountId, product, kind, source } = given;
  if (!isTermKind(kind)) return refuseKind(kind);
  const products = Object.keys(manifest.pay?.products ?? {});
  if (product !== every && !products.includes(product))
    return refuseAs(
      'contract.unknown_product',
      { account: accountId, product, known: products.join(', ') || every },
      '/product',
    );
  const scene = scenes.find((one) => one === given.scene);
  if (scene === undefined) {
    const misfit = { field: 'scene', found: given.scene, allowed: sameIn(scenes.join(' | ')) };
    return refuseValue(accountId, kind, [misfit], '/scene');
  }
  const read = readContents(accountId, kind, given);
  if (!read.ok) return read;
  if (kind === 'statement' && read.value['way'] === 'api' && !statement) {
    const example = proposeCommand(accountId, kind, 'example');
    return refuseAs('contract.statement_not_fetched', { account: accountId, example }, '/value/way');
  }
  const validFrom = wholeSeconds(given.validFrom);
  const validTo = given.validTo === undefined ? undefined : wholeSeconds(given.validTo);
  if (validTo !== undefined && validTo <= validFrom)
    return refuseAs('contract.ends_before_it_begins', { validFrom, validTo }, '/valid_to');
  return done({ accountId, product, scene, kind, value: read.value, validFrom, validTo, source: source.trim() });
}

export function refuseKind(kind: string): Result<never> {
  const knownZh = termKinds.map((one) => `${one}（${labelOf(one).zh}）`).join('、');
  return refuse('contract.unknown_kind', { kind, known: termKinds.join(', '), knownZh }, '/kind');
}

/** Value and source together: all that is missing or wrong of them is told at once. */
function readContents(account: string, kind: TermKind, { value, source }: NewTerm): Result<Term['value']> {
  const example = proposeCommand(account, kind, 'example');
  const members: unknown[] = value !== null && typeof value === 'object' ? Object.values(value) : [];
  const left = [...members, source.trim()].filter(isTermBlank);
  if (left.length > 0) return refuseBlanks(kind, left, example);
  const isSourceMissing = source.trim() === '' || source.length > sourceMax;
  const read = readValue(kind, value);
  if (!read.fits) {
    const missing = isSourceMissing ? [{ field: 'source', found: undefined, allowed: sourceForm }] : [];
    return refuseValue(account, kind, [...read.misfits, ...missing], `/value/${read.misfits[0].field}`);
  }
  if (isSourceMissing) return refuseAs('contract.source_missing', { max: sourceMax, example }, '/source');
  return done(flat(read.value));
}

function refuseBlanks(kind: TermKind, left: readonly string[], example: string): Result<never> {
  const blanks = [...blanksOf(kind).map(([, blank]) => blank), sourceBlank];
  const meaning = (lang: 'zh' | 'en', between: string): string =>
    left.map((word) => `${word}: ${blanks.find((one) => one.word === word)?.[lang] ?? ''}`).join(between);
  const words = left.join(', ');
  return refuse('onboarding.placeholder', {
    words,
    meaning: meaning('en', '; '),
    meaningZh: meaning('zh', '；'),
    example,
  });
}

function refuseValue(account: string, kind: TermKind, misfits: readonly Misfit[], pointer: string): Result<never> {
  const said = misfits.map(({ field, found, allowed }) => misfitWords(field, found, allowed));
  const problems = { problems: said.map(({ en }) => en).join('; '), problemsZh: said.map(({ zh }) => zh).join('；') };
  const example = proposeCommand(account, kind, 'example');
  return refuse('contract.value_unfit', { kind, kindZh: `${labelOf(kind).zh} ${kind}`, ...problems, example }, pointer);
}

const wholeSeconds = (at: Instant): Instant => (at - (at % seconds(1))) as Instant;

function flat(value: object): Term['value'] {
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  );
}

const subjectText = ({ accountId, kind, product, scene }: TermSubject): string =>
  `${accountId}/${kind}/${product}/${scene}`;

function inputOf(draft: Draft): { readonly [name: string]: Json } {
  const { accountId, product, scene, kind, value, validFrom, validTo, source } = draft;
  return {
    ...{ account: accountId, product, scene, kind, value, source, valid_from: rfc3339(validFrom) },
    ...(validTo === undefined ? {} : { valid_to: rfc3339(validTo) }),
  };
}

/** What an approval froze; it was checked before it was asked for. */
function draftOf({ command: asked, input }: Approval): Draft | undefined {
  if (asked !== command || input === null || typeof input !== 'object' || !('account' in input)) return undefined;
  const { account, product, scene, kind, value, source, valid_from: from, valid_to: to } = input;
  if (typeof account !== 'string' || typeof product !== 'string' || typeof kind !== 'string') return undefined;
  const known = scenes.find((one) => one === scene);
  if (known === undefined || !isTermKind(kind) || typeof source !== 'string' || typeof from !== 'string')
    return undefined;
  const validTo = typeof to === 'string' ? (Date.parse(to) as Instant) : undefined;
  const read = readValue(kind, value);
  if (!read.fits) return undefined;
  const about = { accountId: account, product, scene: known, kind, source };
  return { ...about, value: flat(read.value), validFrom: Date.parse(from) as Instant, validTo };
}

export type ShownTerm = Term & { readonly state: 'in_force' | 'ended' | 'to_come' };
export type ShownTerms = {
  readonly terms: readonly ShownTerm[];
  /** Of the channel: what holds where no term does, and what other texts say. */
  readonly defaults: readonly DefaultTerm[];
};

/** All that is known of an account's contract, and what is only supposed. @returns refusals account.not_found, of `allowed`. */
export async function showTerms(parts: AccountParts, actor: Actor, accountId: string): Promise<Result<ShownTerms>> {
  const opened = await openAccount(parts, accountId);
  if (!opened.ok) return opened;
  const permitted = allowed(actor, 'accounts.read', opened.value.merchantId);
  if (!permitted.ok) return permitted;
  const at = parts.clock.now();
  const rows = await listTerms(parts.db, accountId);
  const live = new Set(inForce(rows, at));
  const stateOf = (row: Term): ShownTerm['state'] =>
    live.has(row) ? 'in_force' : row.validFrom > at ? 'to_come' : 'ended';
  return done({
    terms: rows.map((row) => ({ ...row, state: stateOf(row) })),
    defaults: defaultsFrom(parts.channels)(opened.value.channel),
  });
}
