import { hours, plus } from '../kernel/index.ts';
import type { Instant, Refusal } from '../kernel/index.ts';
import type { Connector } from '../channels/contract/index.ts';
import type { Attempt, Order, Refund } from '../payments/index.ts';

/** The lines of an acceptance run, in their order. */
export type LineKey =
  | ('opened' | 'doubled' | 'closed' | 'paid' | 'notice' | 'query')
  | ('refund_part' | 'refund_rest' | 'refund_seen' | 'statement' | 'settlement');

export type Line = {
  readonly key: LineKey;
  /** `next_day`: it can be seen the day after at the earliest, and nothing waits for it. */
  readonly state: 'green' | 'waiting' | 'not_needed' | 'next_day';
  /** What proves it: an exchange, or a message of the channel. */
  readonly proof?: string;
  /** Why it does not go on: what was refused, or what did not come. */
  readonly refusal?: Refusal;
};

/** What was heard of an attempt or a refund, by whose word. */
export type Heard = {
  readonly subject: string;
  readonly source: string;
  readonly outcome: string;
  readonly trust: string;
  readonly proof: string | undefined;
};

/** The orders of a run, as far as they have come. */
export type Run = {
  readonly toClose: Order | undefined;
  /** The order that the lines speak of: the newest of `paying` whose payment a message told of, or else the newest. */
  readonly toPay: Order | undefined;
  /** All that were ever begun to be paid, the oldest first: one that no message told of has a successor. */
  readonly paying: readonly Order[];
  readonly heard: readonly Heard[];
  /** The exchange of the order that was sent twice, once it was answered as the manifest says. */
  readonly doubled: string | undefined;
  /** The product begins with a page that we sign and nobody is called: there is nothing to send twice. */
  readonly isShown: boolean;
  /** The answer to a refund is its end at this channel. */
  readonly isRefundFinal: boolean;
  /** The statement that has the payment with its fee, and both refunds. */
  readonly stated: string | undefined;
};

const isLinePast = ({ state }: Line): boolean => state !== 'waiting';

/** Whether all that can be seen today was seen. */
export const isAccepted = (lines: readonly Line[]): boolean => lines.every(isLinePast);

/** Two minor units: one goes back in the first refund and one in the second. */
export const tryMinor = 2n;

export function linesOf(run: Run, at: Instant): readonly Line[] {
  const { toClose, toPay, heard, doubled, isShown, isRefundFinal } = run;
  const first = toClose?.attempts.at(-1);
  const paid = paidAttempt(toPay);
  const proofOf = (subject: string | undefined, ...sources: string[]): string | undefined =>
    saidPaid(heard, subject, sources);
  const [part, rest] = refundsOf(toPay);
  const refunded = (refund: Refund | undefined): string | undefined =>
    refund?.state === 'refunded' ? proofOf(refund.id, 'answer', 'query', 'notice') : undefined;
  const seen = [part, rest].map(
    (refund) => refund && proofOf(refund.id, 'query', 'notice', ...(isRefundFinal ? ['answer'] : [])),
  );
  return [
    line('opened', openedProof(first, heard, isShown)),
    isShown ? { key: 'doubled', state: 'not_needed' } : line('doubled', doubled),
    line('closed', first?.state === 'closed' ? closedProof(first, heard) : undefined),
    line('paid', paid && proofOf(paid.id, 'notice', 'query', 'answer')),
    noticeLine(run, paid && proofOf(paid.id, 'notice'), at),
    line('query', paid && proofOf(paid.id, 'query')),
    line('refund_part', refunded(part)),
    line('refund_rest', refunded(rest)),
    line('refund_seen', seen.every((one) => one !== undefined) ? seen[1] : undefined),
    run.stated === undefined ? { key: 'statement', state: 'next_day' } : line('statement', run.stated),
    { key: 'settlement', state: 'next_day' },
  ];
}

const line = (key: LineKey, proof: string | undefined): Line =>
  proof === undefined ? { key, state: 'waiting' } : { key, state: 'green', proof };

const saidPaid = (heard: readonly Heard[], subject: string | undefined, sources: readonly string[]) =>
  heard.find((one) => one.subject === subject && sources.includes(one.source) && one.outcome === 'succeeded')?.proof;

/**
 * From the moment of payment, by the channel's clock. A message that fails is sent again after 15 s, 15 s, 30 s, 3, 10, 20 and 30 min at WeChat Pay
 * (pay.weixin.qq.com, payment notification), and after 4, 10 and 10 min at Alipay (opendocs.alipay.com, asynchronous notification): whoever heard
 * none of them within an hour is called at another address, or not let through.
 */
const noticeWithinMs = hours(1);

/** The newest payment of the run that no message told of within the hour. Absent as soon as one of them was told of. */
export function unheardAttempt({ paying, heard }: Pick<Run, 'paying' | 'heard'>, at: Instant): Attempt | undefined {
  const paid = paying.flatMap((order) => paidAttempt(order) ?? []);
  if (paid.some(({ id }) => saidPaid(heard, id, ['notice']) !== undefined)) return undefined;
  return paid.findLast(({ paidAt, heardAt }) => {
    const from = paidAt ?? heardAt;
    return from !== undefined && plus(from, noticeWithinMs) <= at;
  });
}

/** The order that the lines speak of: a message tells of the first payment as well as of the last one. */
export const orderTold = (paying: readonly Order[], heard: readonly Heard[]): Order | undefined =>
  paying.findLast((order) => saidPaid(heard, paidAttempt(order)?.id, ['notice']) !== undefined) ?? paying.at(-1);

/** All that was paid of it went back, in two parts: nothing of it can be gone on with. */
export const isSpent = (order: Order | undefined): boolean =>
  paidAttempt(order) !== undefined && refundsOf(order).filter(({ state }) => state === 'refunded').length === 2;

function noticeLine(run: Run, proof: string | undefined, at: Instant): Line {
  const unheard = proof === undefined ? unheardAttempt(run, at) : undefined;
  if (!unheard) return line('notice', proof);
  const { accountId: account, serialNo, notifyUrl } = unheard;
  const params = { account, serial_no: serialNo, address: notifyUrl };
  return { key: 'notice', state: 'waiting', refusal: { code: 'onboarding.notice_missing', params } };
}

/** Of a page that nobody has loaded the channel knows nothing: that it can be shown is all there is. */
function openedProof(attempt: Attempt | undefined, heard: readonly Heard[], isShown: boolean): string | undefined {
  if (!attempt || ['created', 'submitting', 'rejected', 'in_doubt'].includes(attempt.state)) return undefined;
  if (isShown) return attempt.serialNo;
  return heard.find(({ subject, outcome }) => subject === attempt.id && outcome === 'accepted')?.proof;
}

/** The close itself, or a trade that never came to be until nobody could pay it any more. */
function closedProof(attempt: Attempt, heard: readonly Heard[]): string | undefined {
  return heard.filter(({ subject, proof }) => subject === attempt.id && proof !== undefined).at(-1)?.proof;
}

export const paidAttempt = (order: Order | undefined): Attempt | undefined =>
  order?.attempts.find(({ state }) => state === 'succeeded');

/** Those that went the way of a shop, the first one first. */
export const refundsOf = (order: Order | undefined): readonly Refund[] =>
  [...(order?.refunds ?? [])]
    .filter(({ origin }) => origin === 'shop')
    .sort((a, b) => (a.shopRefundNo < b.shopRefundNo ? -1 : 1));

/** A product of the account that can be tried without knowing the payer: one whose order the channel makes at once, where there is one. */
export function productToTry({ manifest }: Connector, opened: readonly string[] | undefined): string | undefined {
  const fits = Object.entries(manifest.pay?.products ?? {}).filter(
    ([product, { needs }]) => needs.length === 0 && (opened?.includes(product) ?? true),
  );
  const [best] = fits.sort(([, a], [, b]) => Number(b.tradeBornAt === 'call') - Number(a.tradeBornAt === 'call'));
  return best?.[0];
}

/** Those of the products that a run can be gone through with. */
export const triable = ({ manifest }: Connector, products: readonly string[]): readonly string[] =>
  products.filter((product) => manifest.pay?.products[product]?.needs.length === 0);
