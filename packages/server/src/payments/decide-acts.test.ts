// Goal: what people and the shop decide about an order is done once, and the last word counts.
// Method: orders as values; one input at a time, the result and its effects looked at.
import { expect, test } from 'vitest';
import { systemActor } from '../identity/index.ts';
import { at, paid, Play, t0, yuan } from '../../test/kit/order-play.ts';
import type { AccountPolicy } from './policy.ts';

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
