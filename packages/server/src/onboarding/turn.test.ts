import { expect, test } from 'vitest';
import { minutes, parseShanghai, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { isAccepted } from './acceptance.ts';
import type { Line, LineKey } from './acceptance.ts';
import type { Look } from './look.ts';
import { nextAfter, waitsOf, waitWords } from './turn.ts';
import type { Place } from './turn.ts';

const at = parseShanghai('2026-12-01 10:00:00') as Instant;
const keys = [
  ...(['opened', 'doubled', 'closed', 'paid', 'notice', 'query'] as const),
  ...(['refund_part', 'refund_rest', 'refund_seen', 'statement', 'settlement'] as const),
];

const products = {
  page: { begins: 'show', needs: [], absenceProves: { afterDeadlineMinutes: 10 } },
  native: { begins: 'submit', needs: [], absenceProves: { afterDeadlineMinutes: 10 } },
};

type Story = {
  readonly product?: 'page' | 'native';
  readonly first?: string;
  readonly tradeNo?: string;
  readonly payment?: string;
  readonly refunds?: readonly string[];
  /** So many lines are green, from the top; with `rest` those below the first open one as well. */
  readonly green: number;
  readonly rest?: true;
  readonly isFetched?: boolean;
  /** The channel tells of a refund's end a minute later. */
  readonly isSlow?: true;
};

/** An order with one attempt in that state. */
const orderOf = (orderNo: string, state: string | undefined, { product = 'page', tradeNo, refunds = [] }: Story) =>
  state === undefined
    ? undefined
    : {
        ...{
          orderNo,
          refunds: refunds.map((of, n) => ({ state: of, origin: 'shop', shopRefundNo: `R${n}`, createdAt: at })),
        },
        attempts: [
          {
            product,
            state,
            createdAt: at,
            deadlineAt: plus(at, minutes(5)),
            ...(tradeNo === undefined ? {} : { tradeNo }),
          },
        ],
      };

function told(story: Story, refused?: LineKey): { look: Look; lines: readonly Line[] } {
  const toPay = orderOf('ACCEPT-A1-PAY', story.payment, story);
  const statement = story.isFetched === true ? { statement: { readyAfterMinutes: 600 } } : {};
  const refund = story.isSlow === true ? { refund: { answerIsFinal: false, firstQueryAfterMs: minutes(1) } } : {};
  const look = {
    ...{ account: { id: 'A1' }, steps: [] },
    opened: { connector: { manifest: { pay: { products }, ...statement, ...refund } } },
    run: { toClose: orderOf('ACCEPT-A1-CLOSE', story.first, story), toPay, paying: toPay ? [toPay] : [] },
  } as unknown as Look;
  const refusal = { code: 'contract.refund_too_soon', params: { readyAt: plus(at, minutes(1)) } };
  const lines = keys.map((key, index): Line => {
    const isGreen = index < story.green || (story.rest === true && index > story.green);
    const state = index >= 9 ? 'next_day' : isGreen ? 'green' : 'waiting';
    return { key, state, ...(key === refused ? { refusal } : {}) };
  });
  return { look, lines };
}

const places: readonly Place[] = [
  { sandbox: false, clockRuns: true, at },
  { sandbox: true, clockRuns: true, at },
  { sandbox: true, clockRuns: false, at },
];

/** Who is waited for in each open line, and the next command in production, in a sandbox, and in one whose clock stands. */
function turnsOf(story: Story, refused?: LineKey): readonly string[] {
  const { look, lines } = told(story, refused);
  expect(isAccepted(lines)).toBe(story.green >= 9);
  const waits = waitsOf(look, lines, at);
  const open = lines.flatMap(({ key, state }) => (state === 'waiting' ? [key] : []));
  const who = open.map((key) => waits.get(key)?.for ?? '-');
  const next = places.map((place) => nextAfter({ look, lines, waits }, place)?.next.replace('liushui ', ''));
  return [who.join(' '), ...next.map((one) => one ?? '-')];
}

const accept = 'accounts accept A1';
const pay = 'sandbox pay ACCEPT-A1-PAY';
const forward = (count: number): string => `sandbox clock --forward ${count}m`;

test.each<[string, Story, LineKey | undefined, readonly string[]]>([
  [
    ...(['nothing was begun: again', { green: 0 }, undefined] as const),
    ['again again again again earlier earlier earlier earlier earlier', accept, accept, accept],
  ],
  [
    'the channel has not answered: it, or a clock that stands',
    { product: 'native', first: 'submitting', payment: 'submitting', green: 0 },
    undefined,
    ['channel channel channel channel earlier earlier earlier earlier earlier', accept, accept, forward(1)],
  ],
  [
    'what can be sent twice now goes before the payer',
    { product: 'native', first: 'cashier_open', payment: 'cashier_open', green: 1 },
    undefined,
    ['again again payer earlier earlier earlier earlier earlier', accept, accept, accept],
  ],
  [
    'a page that nobody loaded ends by itself, and somebody must pay: he pays first',
    { first: 'closing', payment: 'cashier_open', green: 2 },
    undefined,
    ['clock payer earlier earlier earlier earlier earlier', accept, pay, pay],
  ],
  [
    'what the next call does goes before what only time does',
    { first: 'closing', payment: 'succeeded', refunds: ['refunded', 'refunded'], green: 2 },
    undefined,
    ['clock again channel again channel channel channel', accept, accept, accept],
  ],
  [
    'only the end of the page is missing: its minute',
    { first: 'closing', payment: 'succeeded', refunds: ['refunded', 'refunded'], green: 2, rest: true },
    undefined,
    ['clock', accept, forward(15), forward(15)],
  ],
  [
    'an order that the channel made is closed by it',
    { product: 'native', first: 'closing', tradeNo: 'T1', payment: 'trade_open', green: 2 },
    undefined,
    ['channel payer earlier earlier earlier earlier earlier', accept, pay, pay],
  ],
  [
    'the message is on its way',
    { payment: 'succeeded', refunds: ['refunded', 'refunded'], green: 8 },
    undefined,
    ['channel', accept, accept, forward(1)],
  ],
  [
    'the second refund comes too soon: the clock says when',
    { payment: 'succeeded', refunds: ['refunded'], green: 7 },
    'refund_rest',
    ['clock earlier', accept, forward(1), forward(1)],
  ],
  [
    'the first refund is under way',
    { payment: 'succeeded', refunds: ['submitting'], green: 6 },
    undefined,
    ['channel earlier earlier', accept, accept, forward(1)],
  ],
  [
    'a refund that the channel ends a minute later: also a clock that runs is moved',
    { payment: 'succeeded', refunds: ['submitting'], green: 6, isSlow: true },
    undefined,
    ['channel earlier earlier', accept, forward(1), forward(1)],
  ],
])('%s', (_name, story, refused, turns) => {
  expect(turnsOf(story, refused)).toEqual(turns);
});

test('the page ends fifteen minutes after it was made, and the statement is there the next morning', () => {
  const alone = told({ first: 'closing', payment: 'succeeded', refunds: ['refunded', 'refunded'], green: 2 });
  expect(waitsOf(alone.look, alone.lines, at).get('closed')).toEqual({ for: 'clock', until: plus(at, minutes(15)) });
  expect(waitsOf(alone.look, alone.lines, at).get('statement')).toEqual({ for: 'site' });
  const fetched = told({ payment: 'succeeded', green: 9, isFetched: true });
  const until = parseShanghai('2026-12-02 10:00:00');
  expect(waitsOf(fetched.look, fetched.lines, at).get('statement')).toEqual({ for: 'statement', until });
});

test('a moment that has passed is waited for no more: the page is being closed, the refund is asked for again, the channel answers', () => {
  const late = plus(at, minutes(16));
  const alone = told({
    first: 'closing',
    payment: 'succeeded',
    refunds: ['refunded', 'refunded'],
    green: 2,
    rest: true,
  });
  const waits = waitsOf(alone.look, alone.lines, late);
  expect(waits.get('closed')).toEqual({ for: 'closing' });
  expect(waitWords({ for: 'closing' }).en).not.toMatch(/\d/);
  const next = places.map((place) =>
    nextAfter({ ...alone, waits }, { ...place, at: late })?.next.replace('liushui ', ''),
  );
  expect(next).toEqual([accept, accept, forward(1)]);
  const soon = told({ payment: 'succeeded', refunds: ['refunded'], green: 7 }, 'refund_rest');
  expect(waitsOf(soon.look, soon.lines, late).get('refund_rest')).toEqual({ for: 'again' });
  const slow = told({ payment: 'succeeded', refunds: ['submitting'], green: 6, isSlow: true });
  expect(waitsOf(slow.look, slow.lines, late).get('refund_part')).toEqual({ for: 'channel' });
});
