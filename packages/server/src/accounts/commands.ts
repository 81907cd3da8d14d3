import { performance } from 'node:perf_hooks';
import { CNY, done, minutes, plus, refuse } from '../kernel/index.ts';
import type { Instant, Outcome, Refusal, Result } from '../kernel/index.ts';
import type { Connector, Draft, LaneRule, Moment, WireAnswer } from '../channels/contract/index.ts';
import type { ChannelRegistry } from '../channels/registry.ts';
import { nextNumbers } from '../platform/counters.ts';
import type { Database, Tx } from '../platform/db.ts';
import type { Ids } from '../platform/ids.ts';
import { ensureLanes } from '../platform/jobs.ts';
import type { LaneRow } from '../platform/jobs.ts';
import type { Keyring } from '../platform/keys.ts';
import type { Transport } from '../platform/transport.ts';
import { checkAccount, liveSecrets, refuseName } from './account.ts';
import type { NewAccount, OpenAccount, SecretRow } from './account.ts';
import { formTexts } from './form.texts.ts';
import { refuseChannel, refuseProducts, sharedOwner } from './opening.ts';
import { findAccounts, findSecrets, insertAccount, insertSecrets, listAccountsAt, listMerchants } from './store.ts';
import type { AccountRow } from './store.ts';

export type AccountParts = {
  readonly db: Database;
  readonly channels: ChannelRegistry;
  readonly keyring: Keyring;
  readonly ids: Ids;
  readonly clock: { now(): Instant };
};

/** Adds an account with its secrets and lanes, in the caller's transaction: audit and approval commit with it. */
export async function addAccount(tx: Tx, parts: AccountParts, given: NewAccount): Promise<Result<{ id: string }>> {
  const connector = parts.channels.get(given.channel);
  if (!connector) {
    const known = parts.channels.all().map((channel) => channel.manifest.id);
    return refuse('account.unknown_channel', { channel: given.channel, known: known.join(', ') });
  }
  const unfit = refuseName(given.name);
  if (unfit) return { ok: false, refusal: unfit };
  const at = parts.clock.now();
  const settings = checkAccount(connector, given, at);
  if (!settings.ok) return settings;
  const merchants = await listMerchants(tx);
  if (!merchants.includes(given.merchantId))
    return refuse('account.merchant_unknown', { merchant: given.merchantId, known: merchants.join(', ') });
  const refusal = refuseChannel(connector) ?? refuseProducts(connector, { products: given.products ?? [] });
  if (refusal) return { ok: false, refusal };
  // Whoever adds another account waits here: of two at once, the second sees the first.
  const [number] = await nextNumbers(tx, 'account', 1);
  const taken = await refuseOwner(tx, connector, given, settings.value);
  if (taken) return { ok: false, refusal: taken };
  const id = `A${number}`;
  await insertAccount(tx, { ...given, id, settings: settings.value }, at, given.isFurnished === true);
  const secrets = Object.entries(given.secrets).map(([field, secret]) => ({
    ...{ id: parts.ids.next(), accountId: id, field, secret },
  }));
  await insertSecrets(tx, parts.keyring, secrets, at);
  await ensureAccountLanes(tx, id, connector, at);
  return done({ id });
}

/** One owner's accounts are one merchant's: another merchant would see what is in his statements. */
export async function refuseOwner(
  tx: Tx,
  connector: Connector,
  { channel, merchantId }: { readonly channel: string; readonly merchantId: string },
  settings: Readonly<Record<string, string>>,
): Promise<Refusal | undefined> {
  for (const other of await listAccountsAt(tx, channel)) {
    const numbers = sharedOwner(connector, settings, other.settings);
    if (numbers !== undefined && other.merchantId !== merchantId)
      return { code: 'account.owner_taken', params: { channel, numbers } };
  }
  return undefined;
}

/** Lanes for all that its channel can do. An account that was added before an operation existed gets its lane when that is first used. */
export const ensureAccountLanes = (tx: Tx, accountId: string, connector: Connector, at: Instant): Promise<void> =>
  ensureLanes(tx, lanesOf(accountId, connector), at);

/** The lanes of an account: its channel's operations at the pace where the manifest starts. */
function lanesOf(accountId: string, { manifest }: Connector): LaneRow[] {
  return Object.entries(manifest.lanes).map(([operation, rule]) => ({
    id: `${accountId}/${operation}`,
    accountId,
    operation,
    callsPerSecond: rule.callsPerSecond,
    itemsPerCall: rule.itemsPerCall,
    gapMs: minutes(rule.gapMinutes),
  }));
}

export async function openAccount(parts: AccountParts, id: string): Promise<Result<OpenAccount>> {
  return openedOf(parts, id, await readAccount(parts, id));
}

type ReadAccount = { readonly row: AccountRow | undefined; readonly secrets: readonly SecretRow[] };

async function readAccount({ db, keyring }: AccountParts, id: string): Promise<ReadAccount> {
  const [row] = await findAccounts(db, [id]);
  return { row, secrets: row ? await findSecrets(db, keyring, id) : [] };
}

function openedOf(parts: AccountParts, id: string, { row, secrets }: ReadAccount): Result<OpenAccount> {
  const connector = row && parts.channels.get(row.channel);
  if (!row || !connector) return refuse('account.not_found', { account: id });
  const account = { id, settings: row.settings };
  const { merchantId, channel, name } = row;
  return done({ account, merchantId, channel, name, connector, secrets: liveSecrets(secrets, parts.clock.now()) });
}

/** So long a reading is believed; whoever changes an account or its keys sees it at work within this time. */
const keptForMs = 1000;
const readings = new WeakMap<Database, Map<string, { readonly at: number; readonly account: Promise<ReadAccount> }>>();

/** As `openAccount`, for what comes hundreds of times a second: the account as it was a second ago at most. */
export async function openAccountOften(parts: AccountParts, id: string): Promise<Result<OpenAccount>> {
  const known = readings.get(parts.db) ?? new Map<string, { at: number; account: Promise<ReadAccount> }>();
  readings.set(parts.db, known);
  const now = performance.now();
  const last = known.get(id);
  if (last && now - last.at <= keptForMs) return openedOf(parts, id, await last.account);
  const account = readAccount(parts, id);
  known.set(id, { at: now, account });
  // What does not exist is not remembered: names come from outside, and there is no end of them.
  const forget = (): void => void known.delete(id);
  account.then(({ row }) => row ?? forget(), forget);
  return openedOf(parts, id, await account);
}

export type AccountTest = { readonly ms: number; readonly trust: string; readonly signingRule: string | undefined };

/** A number in the channel's form that nobody ever used: asking about it moves nothing and proves key, charset and address. */
const testRequestNo = 'LIUSHUI-TEST-0000000000000000000';

type Question = {
  readonly lane: LaneRule;
  readonly draft: Result<Draft>;
  /** Undefined words: the channel knows no such number, as it should be. */
  readonly read: (
    answer: WireAnswer,
    heardAt: Instant,
  ) => Omit<AccountTest, 'ms'> & { readonly words: string | undefined };
};

/** A declaration that nobody made, or else an order that nobody paid. */
function testQuestion({ account, connector, secrets }: OpenAccount, moment: Moment): Question | undefined {
  const { customs, pay, manifest } = connector;
  const [customsLane, payLane] = [manifest.lanes['customs.query'], manifest.lanes['pay.query']];
  const [place = ''] = Object.keys(manifest.customs?.places ?? {});
  const asked = [{ requestNo: testRequestNo, serialNo: testRequestNo, tradeNo: '', place, isSplit: false }];
  const draft = customs?.query.build(asked, account, moment, secrets);
  // An account may be set up for payments only.
  if (customs && customsLane && draft && (draft.ok || !pay))
    return {
      ...{ lane: customsLane, draft },
      read: (answer, heardAt) => {
        const { trust, signingRule, byRequestNo } = customs.query.interpret(answer, asked, account, secrets, heardAt);
        const outcome = byRequestNo.get(testRequestNo);
        return { trust, signingRule, words: outcome?.kind === 'succeeded' ? undefined : wordsOf(outcome) };
      },
    };
  const [product] = Object.keys(manifest.pay?.products ?? {});
  if (!pay || !payLane || product === undefined) return undefined;
  const instruction = {
    ...{ serialNo: testRequestNo, product, amount: { minor: 1n, currency: CNY }, subject: testRequestNo },
    ...{ deadlineAt: plus(moment.at, minutes(30)), notifyUrl: '' },
  };
  return {
    ...{ lane: payLane, draft: pay.query.build(instruction, account, moment, secrets) },
    read: (answer, heardAt) => {
      const { trust, outcome, isAbsent } = pay.query.interpret(answer, instruction, account, secrets, heardAt);
      return { trust, signingRule: undefined, words: isAbsent === true ? undefined : wordsOf(outcome) };
    },
  };
}

function wordsOf(outcome: Outcome<unknown> | undefined): string {
  if (outcome?.kind === 'rejected') return outcome.code;
  return outcome?.kind === 'in_doubt' ? outcome.why : 'no answer';
}

/** Asks the channel something harmless. The refusal quotes the channel's own words. */
export async function testAccount(parts: AccountParts, transport: Transport, id: string): Promise<Result<AccountTest>> {
  const opened = await openAccount(parts, id);
  if (!opened.ok) return opened;
  const { account, connector, secrets } = opened.value;
  const question = testQuestion(opened.value, { at: parts.clock.now(), nonce: parts.ids.next() });
  const { en: words, zh: wordsZh } = formTexts.nothingToAsk;
  if (!question) return refuse('account.test_refused', { account: id, words, wordsZh });
  const { draft, lane, read } = question;
  if (!draft.ok) return draft;
  const { toSign, signWith, finish } = draft.value;
  const request = finish(await connector.sign(toSign, account, secrets, signWith));
  const { timeoutMs, answerBytesMax } = lane;
  const limits = { sendBefore: performance.now() + 5000, timeoutMs, answerBytesMax };
  const sent = await transport.send(request, limits, `${id}/test`);
  if (sent.kind !== 'answered') return refuse('account.test_refused', { account: id, words: sent.why });
  const { words: said, trust, signingRule } = read(sent.answer, parts.clock.now());
  if (said !== undefined) return refuse('account.test_refused', { account: id, words: said });
  return done({ ms: sent.ms, trust, signingRule });
}
