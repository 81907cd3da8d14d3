// Goal: what people and the shop decide about an order is done once, and the last word counts.
// Method: orders as values; one input at a time, the result and its effects looked at.
import { expect, test } from 'vitest';
import { systemActor } from '../identity/index.ts';
import { at, facts, paid, Play, t0, yuan } from '../../test/kit/order-play.ts';
import type { AccountPolicy } from './policy.ts';
import type { RefundWish } from './refund-decide.ts';

test('cancelled, kept and cancelled again while it is being closed: the last word counts, and each word is kept once', () => {
  const audit = { actor: systemActor, act: 'payment.kept', subject: 'p-a' };
  const play = new Play().open('a').tell({ kind: 'cancel', paymentId: 'p-a' }, at(1));
  expect(play.tell({ kind: 'keep', paymentId: 'p-a', audit }, at(2)).kinds('audit')).toEqual(['audit']);
  expect(play.order?.cancelledAt).toBe(undefined);
  expect(play.tell({ kind: 'keep', paymentId: 'p-a', audit }, at(2)).kinds('audit')).toEqual([]);
  play.tell({ kind: 'cancel', paymentId: 'p-a' }, at(3));
  expect(play.order?.cancelledAt).toBe(at(3));
  play.hear('a', paid('a'), at(4));
  expect(play.kinds('job')).toContain('payments.paid_after_cancel');
});

test('two people send a surplus back under one refund, and what is past the window is refused, not held with another case', () => {
  const doubled = (more: Partial<AccountPolicy> = {}) => {
    const play = new Play(more).open('a').open('b', 'page', t0).open('c', 'barcode', t0);
    return play.hear('c', paid('c'), at(1)).hear('a', paid('a'), at(1));
  };
  const back = (play: Play, id: string) => {
    const surplusId = play.order?.surplus[0]?.id ?? '';
    const wish = { id, attemptId: 'a', shopRefundNo: id, refundNo: id, amount: yuan(100), reason: '' } as const;
    return play.tell(
      { kind: 'surplus_back', surplusId, wish: { ...wish, origin: 'surplus' }, by: 'zhao', reason: 'seen' },
      at(2),
    );
  };
  const play = back(doubled(), 'r1');
  expect(play.states).toBe('paid | succeeded succeeded | refunding | submitting');
  expect(play.kinds('event')).toEqual(['surplus.refunding']);
  expect(back(play, 'r2').refusal).toBe('surplus.resolved');
  const late = back(doubled({ refuseRefund: () => ({ code: 'contract.refund_window_over', params: {} }) }), 'r1');
  expect(late.refusal).toBe('contract.refund_window_over');
  expect(late.states).toBe('paid | succeeded succeeded | held | ');
  expect(late.kinds('case')).toEqual([]);
});

const giveBack: RefundWish = {
  ...{ id: 'r1', attemptId: 'a', shopRefundNo: 'r1', refundNo: 'r1', amount: yuan(100), reason: '', origin: 'shop' },
};

test.each([
  [{ code: 'contract.refund_too_soon', params: { readyAt: at(9) } }, ['payments.paid_after_cancel'], []],
  [{ code: 'contract.refund_count_reached', params: {} }, [], ['payment.surplus_held']],
])(
  'paid after the cancel, and the refund is refused by %o: it comes again, or lies with a person',
  (refusal, jobs, opened) => {
    const play = new Play({ refuseRefund: () => refusal }).open('a').tell({ kind: 'cancel', paymentId: 'p-a' }, at(1));
    play.hear('a', paid('a'), at(2)).tell({ kind: 'paid_after_cancel', paymentId: 'p-a', wish: giveBack }, at(4));
    expect([play.kinds('job'), play.kinds('case')]).toEqual([jobs, opened]);
    expect(play.refusal).toBeUndefined();
  },
);

test('the channel tells of refunds that nobody here asked for: a person looks, whether it was booked before or not', () => {
  const elsewhere = { kind: 'succeeded', facts: { ...facts('a'), hasRefunds: true } } as const;
  const fresh = new Play().open('a').hear('a', elsewhere, at(1));
  expect([fresh.states, fresh.kinds('case')]).toEqual(['paid | succeeded |  | ', ['payment.contradiction']]);
  const known = new Play().open('a').hear('a', paid('a'), at(1)).hear('a', elsewhere, at(2));
  expect(known.kinds('case')).toEqual(['payment.contradiction']);
  const own = new Play().open('a').hear('a', paid('a'), at(1)).tell({ kind: 'refund', wish: giveBack }, at(2));
  expect(own.hear('a', elsewhere, at(3)).kinds('case')).toEqual([]);
});

test('news of a refund that ended without money asks about it: perhaps the channel carried it out after all', () => {
  const play = new Play().open('a').hear('a', paid('a'), at(1)).tell({ kind: 'refund', wish: giveBack }, at(2));
  const heard = {
    by: 'answer',
    outcome: { kind: 'rejected', code: 'NO', text: '' },
    trust: 'verified',
    heardAt: at(3),
  };
  play.tell({ kind: 'refund_heard', refundId: 'r1', heard } as never, at(3));
  expect(play.states).toBe('paid | succeeded |  | failed');
  play.tell({ kind: 'refund_news', attemptId: 'a', refundNo: 'r1', notice: {} } as never, at(4));
  expect(play.kinds('job')).toEqual(['refund.query']);
});
