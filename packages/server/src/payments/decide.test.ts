// Goal: what a voice is worth, and what follows from it, decided without a database.
// Method: orders as values; one input at a time, the result and its effects looked at.
import { describe, expect, test } from 'vitest';
import { CNY } from '../kernel/index.ts';
import type { Currency, Outcome } from '../kernel/index.ts';
import { Play, at, doubt, facts, paid, t0, waiting, yuan } from '../../test/kit/order-play.ts';

describe('what a voice is worth', () => {
  test.each([
    ['an unsigned success', paid('a'), { trust: 'transport_only' }],
    ['a success with a wrong signature', paid('a'), { trust: 'none' }],
    ['a success about another amount', paid('a'), { disputed: '99.99 CNY' }],
    ['a message that names another amount', paid('a'), { by: 'notice', says: yuan(99) }],
    ['a number that is not known yet', doubt, { isAbsent: true }],
  ])('%s books nothing and leaves the attempt open', (_name, outcome, more) => {
    const play = new Play().open('a').hear('a', outcome, at(5), more);
    expect(play.states).toBe('open | cashier_open |  | ');
    expect(play.kinds('entry')).toEqual([]);
  });

  test('absence closes only after the deadline and its margin', () => {
    const play = new Play().open('a').tell({ kind: 'expire', paymentId: 'p-a' }, at(30));
    expect(play.hear('a', doubt, at(39), { isAbsent: true }).states).toBe('closing | closing |  | ');
    expect(play.hear('a', doubt, at(40), { isAbsent: true }).states).toBe('closed | closed |  | ');
    expect(play.kinds('event')).toEqual(['payment.closed']);
  });

  test('another trade number under a paid attempt books nothing before people have looked', () => {
    const play = new Play().open('a').hear('a', paid('a'), at(1)).hear('a', paid('a', 'OTHER'), at(2));
    expect(play.kinds('case')).toEqual(['payment.second_trade_no']);
    expect(play.kinds('entry')).toEqual([]);
  });
});

describe('second success', () => {
  test('the same success again changes and tells nothing', () => {
    const play = new Play().open('a').hear('a', paid('a'), at(1)).hear('a', paid('a'), at(2), { by: 'notice' });
    expect(play.states).toBe('paid | succeeded |  | ');
    expect([...play.kinds('entry'), ...play.kinds('event'), ...play.kinds('case')]).toEqual([]);
  });

  test('another attempt of a paid order is a surplus that the policy gives back', () => {
    const play = new Play().open('a').open('b', 'page', t0).open('c', 'barcode', t0);
    expect(play.states).toBe('open | cashier_open submitting |  | ');
    play.hear('c', paid('c'), at(1)).hear('a', paid('a'), at(1));
    expect(play.states).toBe('paid | succeeded succeeded | held | ');
    expect(play.kinds('entry')).toEqual(['surplus']);
    expect(play.kinds('job')).toContain('payments.surplus_due');
  });

  test('late money on a closed payment is asked about, held, and may be adopted as a new payment', () => {
    const play = new Play().open('a').tell({ kind: 'cancel', paymentId: 'p-a' }, at(1));
    play.hear('a', { kind: 'rejected', code: 'TRADE_CLOSED', text: '' }, at(2));
    expect(play.states).toBe('closed | closed |  | ');
    play.hear('a', paid('a'), at(600), { by: 'notice' });
    expect(play.kinds('job')).toEqual(['pay.query']);
    expect(play.hear('a', paid('a'), at(601)).states).toBe('closed | closed | held | ');
    const [held] = play.order?.surplus ?? [];
    play.tell({ kind: 'adopt', surplusId: held?.id ?? '', by: 'shop' }, at(610));
    expect(play.states).toBe('closed paid | closed | adopted | ');
    expect(play.kinds('event').sort()).toEqual(['payment.succeeded', 'surplus.resolved']);
  });

  test('late money that nobody confirmed is asked about until the channel has answered', () => {
    const play = new Play().open('a').tell({ kind: 'cancel', paymentId: 'p-a' }, at(1));
    play.hear('a', { kind: 'rejected', code: 'TRADE_CLOSED', text: '' }, at(2));
    play.hear('a', paid('a'), at(600), { by: 'notice' }).hear('a', doubt, at(601), { trust: 'none' });
    expect(play.againAt).toBe(at(605));
    expect(play.hear('a', paid('a'), at(605)).states).toBe('closed | closed | held | ');
    expect(play.againAt).toBeUndefined();
  });

  test('it is asked about too where the channel does not know the trade yet, ever more slowly, and is with a person by then', () => {
    const play = new Play().open('a').tell({ kind: 'cancel', paymentId: 'p-a' }, at(1));
    play.hear('a', { kind: 'succeeded', facts: { action: 'closed' } } as never, at(2), { by: 'close' });
    play.hear('a', paid('a'), at(3), { by: 'notice' }).hear('a', doubt, at(4), { isAbsent: true });
    expect(play.againAt).toBe(at(8));
    play.hear('a', doubt, at(3000), { trust: 'none' });
    expect(play.againAt).toBe(at(3 + 52 * 60));
    expect(play.kinds('case')).toEqual(['payment.in_doubt_long']);
    play.hear('a', doubt, at(3001), { isAbsent: true });
    expect([play.againAt, play.kinds('case')]).toEqual([undefined, ['payment.contradiction']]);
  });

  test('an answer to a question of before a cancel proves nothing after it', () => {
    const play = new Play().open('c', 'barcode').tell({ kind: 'cancel', paymentId: 'p-c' }, at(1));
    play.hear('c', { kind: 'succeeded', facts: { action: 'refunded' } } as never, at(3), { by: 'close' });
    play.hear('c', paid('c'), at(3), { askedAt: at(2) });
    expect(play.states).toBe('closed | closed |  | ');
    expect(play.kinds('job')).toEqual(['pay.query']);
  });

  test('a paid order takes no further attempt', () => {
    expect(new Play().open('a').hear('a', paid('a'), at(1)).open('b', 'page', at(2)).refusal).toBe(
      'order.already_paid',
    );
  });
});

describe('a payer code', () => {
  test.each([
    ['barcode', ['pay.query']],
    ['page', []],
  ])('%s: what a call that ends it did to a success is asked where it may have given it back', (product, jobs) => {
    const play = new Play().open('c', product).tell({ kind: 'cancel', paymentId: 'p-c' }, at(1));
    play.hear('c', paid('c'), at(2), { by: 'notice' }).hear('c', doubt, at(3), { by: 'close', trust: 'none' });
    expect(play.kinds('job')).toEqual(jobs);
    if (product === 'page') return;
    play.hear('c', { kind: 'rejected', code: 'TRADE_CLOSED', text: '' }, at(4));
    expect(play.kinds('case')).toEqual(['payment.contradiction']);
  });

  test('what its cancel gave back is a receipt and a refund, whichever of them is heard of first', () => {
    const givenBack = { kind: 'succeeded', facts: { ...facts('c'), isGivenBack: true } } as const;
    const refunded = { kind: 'succeeded', facts: { action: 'refunded' } } as never;
    const first = new Play().open('c', 'barcode').tell({ kind: 'cancel', paymentId: 'p-c' }, at(1));
    first.hear('c', refunded, at(2), { by: 'close' }).hear('c', givenBack, at(3));
    expect(first.states).toBe('closed | closed | returned | refunded');
    expect(first.kinds('entry')).toEqual(['surplus', 'refund_started', 'refund']);
    expect(first.hear('c', givenBack, at(4)).kinds('entry')).toEqual([]);
    const second = new Play().open('c', 'barcode').tell({ kind: 'cancel', paymentId: 'p-c' }, at(1));
    second.hear('c', paid('c'), at(2), { by: 'notice' }).hear('c', refunded, at(3), { by: 'close' });
    expect(second.states).toBe('paid | succeeded |  | refunded');
    expect(second.kinds('entry')).toEqual(['refund_started', 'refund']);
  });

  test('what went back before anybody heard that it came settles nothing: the next code is taken', () => {
    const play = new Play().open('c', 'barcode').hear('c', waiting('c'), at(1));
    play.hear('c', doubt, at(2), { by: 'close', trust: 'none' });
    play.hear('c', { kind: 'succeeded', facts: { ...facts('c'), isGivenBack: true } }, at(3));
    expect(play.states).toBe('open | succeeded | returned | refunded');
    expect(play.kinds('event')).not.toContain('payment.succeeded');
    expect(play.kinds('job')).toContain('payments.expire');
    expect(play.open('d', 'barcode', at(4)).refusal).toBeUndefined();
  });

  test('refund news without a number after a cancel is what the cancel gave back: the trade is asked, nobody is called', () => {
    const givenBack = { kind: 'succeeded', facts: { ...facts('c'), isGivenBack: true } } as const;
    const news = { kind: 'refund_news', attemptId: 'c', refundNo: '', notice: {} } as never;
    const play = new Play().open('c', 'barcode').hear('c', waiting('c'), at(0.1), { by: 'answer' });
    expect(play.tell(news, at(0.2)).kinds('case')).toEqual(['payment.contradiction']);
    play.hear('c', doubt, at(3), { by: 'close', trust: 'none' });
    play.tell({ kind: 'cancel', paymentId: 'p-c' }, at(3)).tell(news, at(4));
    expect([play.kinds('job'), play.kinds('case')]).toEqual([['pay.query'], []]);
    play.hear('c', givenBack, at(5)).tell(news, at(6));
    expect([play.kinds('job'), play.kinds('case')]).toEqual([[], []]);
  });

  test('a refund that is refused because a cancel had given all back asks the trade, and books what it says', () => {
    const givenBack = { kind: 'succeeded', facts: { ...facts('c'), isGivenBack: true } } as const;
    const play = new Play().open('c', 'barcode').tell({ kind: 'cancel', paymentId: 'p-c' }, at(1));
    play.hear('c', paid('c'), at(2), { by: 'notice' });
    const wish = {
      id: 'R1',
      attemptId: 'c',
      shopRefundNo: 'R1',
      refundNo: 'R1',
      amount: yuan(100),
      reason: '',
      origin: 'shop',
    };
    play.tell({ kind: 'refund', wish } as never, at(3)).hear('c', givenBack, at(4));
    expect(play.kinds('case')).toEqual(['payment.contradiction']);
    const heard = {
      by: 'answer',
      outcome: { kind: 'rejected', code: 'NO', text: '' },
      trust: 'verified',
      heardAt: at(5),
    };
    play.tell({ kind: 'refund_heard', refundId: 'R1', heard } as never, at(5));
    expect(play.kinds('job')).toContain('pay.query');
    expect(play.hear('c', givenBack, at(6)).states).toBe('paid | succeeded |  | failed refunded');
  });

  test('a payment ends in its time though a later attempt may last longer', () => {
    const attempt = { ...new Play().open('b').order?.attempts[0], id: 'b', deadlineAt: at(9999) };
    const order = { merchantId: 'm', orderNo: 'A1001', subject: '商品', due: yuan(100) };
    const open = { kind: 'open', order, paymentId: 'p-b', expiresAt: at(9999), attempt, keepOthers: true };
    const play = new Play()
      .open('a')
      .tell(
        { ...open, attempt: { ...attempt, product: 'page', serialNo: 'b', returnUrl: 'http://b/' } } as never,
        at(1),
      );
    expect(play.kinds('job')).toContain('payments.expire');
  });

  test('a success that the channel takes back when it is asked is a case for people', () => {
    const play = new Play().open('a').tell({ kind: 'cancel', paymentId: 'p-a' }, at(1));
    play.hear('a', { kind: 'rejected', code: 'TRADE_CLOSED', text: '' }, at(2));
    play.hear('a', paid('a'), at(3), { by: 'notice' });
    play.hear('a', { kind: 'rejected', code: 'TRADE_CLOSED', text: '' }, at(4));
    expect(play.kinds('case')).toEqual(['payment.contradiction']);
  });

  test('still undecided after its time is cancelled, and nothing new may begin meanwhile', () => {
    const play = new Play().open('c', 'barcode').hear('c', waiting('c'), at(0.1), { by: 'answer' });
    expect(play.open('d', 'page', at(0.2)).refusal).toBe('payment.undecided');
    play.hear('c', waiting('c'), at(0.6));
    expect(play.states).toBe('open | closing |  | ');
    expect(play.kinds('job')).toContain('pay.cancel');
  });
});

describe('refunds', () => {
  const wish = (id: string, minor: bigint) => ({
    ...{ id, attemptId: 'a', shopRefundNo: id, refundNo: id, amount: { minor, currency: CNY }, reason: '退货' },
    origin: 'shop' as const,
  });
  const asked = (): Play =>
    new Play()
      .open('a')
      .hear('a', paid('a'), at(1))
      .tell({ kind: 'refund', wish: wish('R1', 6000n) }, at(2));
  const told = (play: Play, outcome: Outcome<never>, more: object = {}, when = at(3)): Play =>
    play.tell(
      {
        kind: 'refund_heard',
        refundId: 'R1',
        heard: { by: 'answer', outcome, trust: 'verified', heardAt: when, ...more },
      },
      when,
    );
  const refunded = { kind: 'succeeded', facts: {} } as unknown as Outcome<never>;
  const refused: Outcome<never> = { kind: 'rejected', code: 'ACQ.TRADE_HAS_FINISHED', text: '' };

  test('what is under way counts: two never exceed what was received', () => {
    const play = asked().tell({ kind: 'refund', wish: wish('R2', 6000n) }, at(2));
    expect(play.refusal).toBe('refund.exceeds_refundable');
    expect(play.tell({ kind: 'refund', wish: wish('R2', 4000n) }, at(2)).refusal).toBeUndefined();
  });

  test('the same number is the same refund, other words under it are refused', () => {
    expect(asked().tell({ kind: 'refund', wish: wish('R1', 6000n) }, at(3)).order?.refunds).toHaveLength(1);
    expect(asked().tell({ kind: 'refund', wish: wish('R1', 5000n) }, at(3)).refusal).toBe('refund.other_terms');
    const dollars = { ...wish('R1', 6000n), amount: { minor: 6000n, currency: 'USD' as Currency } };
    expect(asked().tell({ kind: 'refund', wish: dollars }, at(3)).refusal).toBe('refund.other_terms');
  });

  test('doubt keeps the reservation, a definite refusal frees it', () => {
    const play = told(asked(), { kind: 'in_doubt', why: 'time-out' });
    expect([play.states, play.order?.attempts[0]?.refundingMinor]).toEqual(['paid | succeeded |  | in_doubt', 6000n]);
    told(play, refused, { by: 'query' });
    expect([play.states, play.order?.attempts[0]?.refundingMinor]).toEqual(['paid | succeeded |  | failed', 0n]);
    expect(play.kinds('entry')).toEqual(['refund_refused']);
  });

  test('an unsigned refusal ends nothing', () => {
    expect(told(asked(), refused, { trust: 'transport_only' }).states).toBe('paid | succeeded |  | in_doubt');
  });

  test('an account that is short of money keeps the refund waiting under its number', () => {
    const play = told(asked(), { kind: 'rejected', code: 'SHORT', text: '' });
    expect([play.states, play.kinds('case')]).toEqual(['paid | succeeded |  | waiting_funds', ['refund.funds_short']]);
    expect(play.tell({ kind: 'refund_act', refundId: 'R1', told: 'topped_up' }, at(9)).states).toContain('submitting');
  });

  test('money that went back after a proven refusal is booked late, with a case', () => {
    const play = told(told(asked(), refused), refunded, { by: 'query' }, at(9));
    expect(play.states).toBe('paid | succeeded |  | failed');
    expect(play.kinds('entry')).toEqual(['refund_started', 'refund']);
    expect(play.kinds('case')).toEqual(['refund.contradiction']);
  });
});
