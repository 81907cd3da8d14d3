import { done, shanghaiDate, toDecimal } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { findAccounts, listAccounts, openAccount, sharedOwner } from '../accounts/index.ts';
import type { AccountRow, OpenAccount } from '../accounts/index.ts';
import { listApprovals } from '../approvals/index.ts';
import type { Connector, SecretField } from '../channels/contract/index.ts';
import { defaultsFrom, termKinds, termsOf } from '../contracts/index.ts';
import type { TermKind } from '../contracts/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor, Permission } from '../identity/index.ts';
import { findHeard, findOrder } from '../payments/index.ts';
import type { Order } from '../payments/index.ts';
import { findLinesAbout } from '../statements/index.ts';
import { linesOf, orderTold, paidAttempt, refundsOf } from './acceptance.ts';
import type { Heard, Line, Run } from './acceptance.ts';
import { factsAt, valueOf } from './facts.ts';
import type { Facts } from './facts.ts';
import type { OnboardingParts } from './parts.ts';
import { pendingOf } from './pending.ts';
import type { Pending } from './pending.ts';
import { factsOf, liveSecretsOf, wasBornLive } from './store.ts';
import { blockersOf, isCollecting, stepsOf } from './walk.ts';
import type { Step } from './walk.ts';

/** An account with all that its walk is reckoned from. */
export type Look = {
  readonly opened: OpenAccount;
  readonly account: AccountRow;
  readonly facts: Facts;
  readonly run: Run;
  readonly lines: readonly Line[];
  readonly steps: readonly Step[];
  /** What a second person is asked for. */
  readonly pending: readonly Pending[];
  /** It was live before its walk began, as a sandbox furnishes it: what is open was skipped and stops nobody. */
  readonly isBornLive: boolean;
  /** The last day of the licence that two people agreed to. */
  readonly licenceEndsOn: string | undefined;
};

/** Where the opening of an account stands. @returns refusals account.not_found, of `allowed`. */
export async function lookAt(
  parts: OnboardingParts,
  actor: Actor,
  accountId: string,
  permission: Permission = 'accounts.read',
): Promise<Result<Look>> {
  const opened = await openAccount(parts, accountId);
  if (!opened.ok) return opened;
  const permitted = allowed(actor, permission, opened.value.merchantId);
  if (!permitted.ok) return permitted;
  return done(await lookInto(parts, opened.value));
}

/** The same for whoever needs no permission: the installation itself. */
export async function lookInto(parts: OnboardingParts, opened: OpenAccount): Promise<Look> {
  const { id } = opened.account;
  const at = parts.clock.now();
  const { connector, merchantId, channel, name } = opened;
  const open = { merchants: [merchantId], states: ['asked', 'approved'], limit: 1000 } as const;
  const [[row], facts, agreed, live, asked, bornLive] = await Promise.all([
    findAccounts(parts.db, [id]),
    factsOf(parts.db, id).then((rows) => factsAt(rows, at)),
    agreedTerms(parts, id, Object.keys(connector.manifest.pay?.products ?? {}), at),
    liveSecretsOf(parts.db, id, at),
    listApprovals(parts.db, open, at),
    wasBornLive(parts.db, id),
  ]);
  const account = row ?? { id, merchantId, channel, name, settings: opened.account.settings };
  const run = await readRun(parts, account, connector, facts);
  const lines = isCollecting(connector, account) ? linesOf(run, at) : [];
  const lacking = neededOf(connector, account).filter((name) => !live.has(name));
  const pending = pendingOf(asked, account);
  const twins = await twinsOf(parts, connector, account);
  const steps = stepsOf({ account, connector, agreed, lacking, facts, lines, pending, twins, at });
  return {
    ...{ opened, account, facts, run, lines, steps, pending, licenceEndsOn: agreed.get('licence')?.expiresOn },
    isBornLive: bornLive && blockersOf(steps).length > 0,
  };
}

/** The numbers of the orders of an account's run. A shop's own orders never look like this. The order to pay has successors: -PAY-2, -PAY-3. */
export const numberToClose = (accountId: string): string => `ACCEPT-${accountId}-CLOSE`;
export const numberToPay = (accountId: string, round: number): string =>
  `ACCEPT-${accountId}-PAY${round === 1 ? '' : `-${round}`}`;

async function readRun(
  parts: OnboardingParts,
  { id, merchantId }: AccountRow,
  { manifest }: Connector,
  facts: Facts,
): Promise<Run> {
  const toClose = await findOrder(parts, { merchantId, orderNo: numberToClose(id) });
  const paying = await readPaying(parts, id, merchantId);
  const subjects = [...(toClose ? [toClose] : []), ...paying].flatMap(subjectsOf);
  const [attempt] = (toClose ?? paying[0])?.attempts ?? [];
  const product = manifest.pay?.products[attempt?.product ?? ''];
  const heard = await readHeard(parts, subjects);
  const toPay = orderTold(paying, heard);
  return {
    ...{ toClose, toPay, paying, heard },
    doubled: valueOf(facts, 'acceptance', doubledKey),
    stated: await readStated(parts, id, toPay),
    ...{ isShown: product?.begins === 'show', isRefundFinal: manifest.refund?.answerIsFinal === true },
  };
}

/** Each has a successor only where the one before it was paid, went back, and was never told of: there are one or two. */
async function readPaying(parts: OnboardingParts, id: string, merchantId: string): Promise<readonly Order[]> {
  const found: Order[] = [];
  for (;;) {
    const order = await findOrder(parts, { merchantId, orderNo: numberToPay(id, found.length + 1) });
    if (!order) return found;
    found.push(order);
  }
}

/** The statement in which the channel tells the whole of the run: the payment with its fee, and what went back in two parts. */
async function readStated(
  { db }: OnboardingParts,
  accountId: string,
  order: Order | undefined,
): Promise<string | undefined> {
  const paid = paidAttempt(order);
  const refundNos = refundsOf(order).map(({ refundNo }) => refundNo);
  if (!paid || refundNos.length < 2) return undefined;
  const numbers = { serialNo: paid.serialNo, refundNos };
  const told = await findLinesAbout(db, accountId, shanghaiDate(paid.createdAt), numbers);
  const amount = toDecimal(paid.amount);
  const payment = told.find((one) => one.kind === 'payment' && one.fee !== undefined && one.amount === amount);
  const isBack = refundNos.every((no) => told.some((one) => one.kind === 'refund' && one.refundNo === no));
  return isBack ? payment?.statementId : undefined;
}

/** Noted by the run itself: the exchange of the order that was sent twice. */
export const doubledKey = 'doubled';

const subjectsOf = ({ bucket, attempts, refunds }: Order) =>
  [...attempts, ...refunds].map(({ id }) => ({ bucket, id }));

async function readHeard(
  { db }: OnboardingParts,
  subjects: readonly { bucket: number; id: string }[],
): Promise<readonly Heard[]> {
  const lines = await findHeard(db, subjects);
  return lines.map(({ subject, source, body, trust, exchangeId, noticeId }) => ({
    ...{ subject, source, trust, outcome: typeof body['kind'] === 'string' ? body['kind'] : '' },
    proof: exchangeId ?? noticeId ?? undefined,
  }));
}

type Agreed = ReadonlyMap<TermKind, { readonly expiresOn?: string }>;

/** What two people agreed to and what holds now, whatever product or scene it speaks of. */
async function agreedTerms(
  { db, channels }: OnboardingParts,
  id: string,
  products: readonly string[],
  at: Instant,
): Promise<Agreed> {
  const terms = (await termsOf(db, [id], at, defaultsFrom(channels))).get(id);
  const agreed = new Map<TermKind, { readonly expiresOn?: string }>();
  for (const kind of termKinds)
    for (const product of ['*', ...products])
      for (const scene of ['*', 'online', 'counter'] as const)
        if (terms?.find(kind, product, scene)?.confirmed === true) agreed.set(kind, {});
  const licence = terms?.find('licence', '*', '*');
  if (licence?.confirmed === true) agreed.set('licence', { expiresOn: licence.value.expires_on });
  return agreed;
}

async function twinsOf({ db }: OnboardingParts, connector: Connector, account: AccountRow): Promise<string[]> {
  const others = await listAccounts(db, [account.merchantId]);
  const isTwin = ({ id, channel, settings }: AccountRow): boolean =>
    id !== account.id &&
    channel === account.channel &&
    sharedOwner(connector, account.settings, settings) !== undefined;
  return others.filter(isTwin).map(({ id }) => id);
}

function neededOf({ manifest }: Connector, { settings }: AccountRow): string[] {
  const isNeeded = ({ neededWhen }: SecretField): boolean =>
    !neededWhen || (neededWhen.oneOf?.includes(settings[neededWhen.setting] ?? '') ?? false);
  return manifest.secrets.filter(isNeeded).map(({ name }) => name);
}
