// Goal: what the payer is shown follows from the order and the moment, and from nothing else; what nobody knows is never shown as known.
// Method: one order as a value, told one thing at a time as in the stories of payments; after each the state of the page.
import { describe, expect, test } from 'vitest';
import { at, facts, paid, Play, t0, yuan } from '../../test/kit/order-play.ts';
import type { Instant } from '../kernel/index.ts';
import type { HandOut, ProductRule } from '../channels/contract/index.ts';
import type { Order } from '../payments/index.ts';
import { cashierView } from './cashier-view.ts';
import type { AttemptFacts, CashierView } from './cashier-view.ts';
import type { Cashier } from './session.ts';

const cashier: Cashier = {
  ...{ bucket: 1, id: 'c', merchantId: 'm', orderNo: 'A1001', subject: '商品', amount: yuan(100) },
  ...{ expiresAt: at(30), needs: {}, createdAt: t0 },
};

const page = {
  ...{ nameZh: '', nameEn: '', scene: 'online', terminals: ['pc'], handsOut: 'page', begins: 'show', needs: [] },
  tradeBornAt: 'payer',
} as const satisfies ProductRule;
const url: HandOut = { kind: 'url', url: 'https://example.com/pay' };

type Seen = {
  readonly about?: Partial<AttemptFacts>;
  readonly isBack?: boolean;
  readonly cashier?: Partial<Cashier>;
  readonly wallet?: string;
  readonly afterCancelMs?: number | 'keep';
};

function see(order: Order | undefined, now: Instant, { about = {}, isBack = false, ...more }: Seen = {}): CashierView {
  return cashierView({
    ...{ cashier: { ...cashier, ...more.cashier }, order, isBack, now },
    goesBackAfterMs: () => (more.afterCancelMs === 'keep' ? undefined : (more.afterCancelMs ?? 120_000)),
    about: () => ({ rule: page, closeSent: false, disputed: false, ...about }),
    ...(more.wallet === undefined ? {} : { wallet: more.wallet }),
  });
}

/** The state and what matters of it, on one line. */
function line({ stand, back }: CashierView): string {
  const more = 'why' in stand ? `${stand.why}${stand.mayGiveUp ? ', may give up' : ''}` : '';
  const after = stand.at === 'choose' && stand.after ? `after ${stand.after.how}` : '';
  const closing = stand.at === 'choose' && stand.closing.length > 0 ? 'beside a close' : '';
  const money = back.map(({ why, stage }) => `${why} ${stage}`).join(' + ');
  return [stand.at, more, after, closing, money === '' ? '' : `[${money}]`].filter((part) => part !== '').join(' ');
}

const notFound = { kind: 'in_doubt', why: 'not found' } as const;
const open = () => new Play().open('a');
const given = { about: { handOut: url } };

test('from choosing to paid: the wallet, back from it, and the money', () => {
  expect(line(see(undefined, t0))).toBe('choose');
  const play = open();
  expect(line(see(play.order, at(1), given))).toBe('wallet');
  expect(line(see(play.order, at(1), { ...given, isBack: true }))).toBe('checking back, may give up');
  play.hear('a', notFound, at(2), { isAbsent: true });
  expect(line(see(play.order, at(2), { ...given, isBack: true }))).toBe('checking back, may give up');
  play.hear('a', paid('a'), at(3));
  expect(line(see(play.order, at(3), { ...given, isBack: true }))).toBe('paid');
  expect(line(see(play.order, at(300)))).toBe('paid');
});

test('nothing is offered beside a way that was tried before its close is on its way; then it is, and the money of either counts', () => {
  const play = open().tell({ kind: 'give_up', attemptId: 'a' }, at(1));
  expect(line(see(play.order, at(1)))).toBe('closing');
  expect(line(see(play.order, at(2), { about: { closeSent: true } }))).toBe('choose beside a close');
  play.hear('a', paid('a'), at(3));
  expect(line(see(play.order, at(3)))).toBe('paid');
});

test("a payer's code is waited for to its end, whatever was sent", () => {
  const play = new Play().open('a', 'barcode').hear('a', notFound, at(0.1));
  const code = { ...page, codePayment: { waitMs: 1, everyMs: 1, forMs: 1 } };
  const barcode = { about: { rule: code, closeSent: true, handOut: url } };
  expect(line(see(play.order, at(0.1), barcode))).toBe('checking doubt');
  expect(line(see(play.tell({ kind: 'expire', paymentId: 'p-a' }, at(2)).order, at(2), barcode))).toBe('checking late');
});

test('closed or refused by a listed code: not charged, choose again; when the time is over nothing is offered', () => {
  const closed = open()
    .tell({ kind: 'give_up', attemptId: 'a' }, at(1))
    .hear('a', { kind: 'rejected', code: 'CLOSED', text: '' }, at(2));
  expect(line(see(closed.order, at(2)))).toBe('choose after closed');
  expect(line(see(closed.order, at(29.5)))).toBe('expired');
  expect(line(see(undefined, at(29)))).toBe('expired');
  expect(line(see(undefined, at(28.9)))).toBe('choose');
});

test('refused by us before anything was sent: it is not told as the word of the channel', () => {
  const ended = (why: string): Order => {
    const { order } = open();
    return { ...order!, attempts: order!.attempts.map((one) => ({ ...one, state: 'rejected' as const, why })) };
  };
  expect(line(see(ended('usage.bad_input'), at(2)))).toBe('choose after unsent');
  expect(line(see(ended('ACQ.ACCESS_FORBIDDEN'), at(2)))).toBe('choose after refused');
});

test('the time is over and nobody has proved that nothing was paid: it is checked, and nothing else is offered', () => {
  const play = open();
  expect(line(see(play.order, at(30), given))).toBe('checking late');
  play.tell({ kind: 'expire', paymentId: 'p-a' }, at(30));
  expect(line(see(play.order, at(31), { about: { closeSent: true } }))).toBe('checking late');
  play.hear('a', notFound, at(45), { isAbsent: true });
  expect(line(see(play.order, at(45)))).toBe('expired');
});

test('a channel that gives no code for a quarter of a minute is called slow', () => {
  const { order } = new Play().open('a', 'barcode');
  const isSlow = (minute: number) => see(order, at(minute)).stand;
  expect(isSlow(0.24)).toMatchObject({ at: 'preparing', isSlow: false });
  expect(isSlow(0.25)).toMatchObject({ at: 'preparing', isSlow: true });
});

test('doubt has its own state, with the way out', () => {
  expect(line(see(open().order, at(1), { about: {} }))).toBe('checking doubt, may give up');
});

test('another amount than ours is held, never closed and never paid', () => {
  const play = open().hear('a', paid('a'), at(1), { says: yuan(99) });
  const disputed = { about: { ...given.about, disputed: true } };
  expect(line(see(play.order, at(1), disputed))).toBe('held');
  play.tell({ kind: 'expire', paymentId: 'p-a' }, at(30));
  expect(line(see(play.order, at(31), disputed))).toBe('held');
});

describe('money that the order does not keep', () => {
  test('paid twice: planned, on its way, back', () => {
    const play = open().open('b', 'barcode').hear('a', paid('a'), at(1)).hear('b', paid('b'), at(2));
    expect(line(see(play.order, at(2)))).toBe('paid_twice [second planned]');
    const surplusId = play.order?.surplus[0]?.id ?? '';
    const wish = { id: 'r', attemptId: 'b', shopRefundNo: 'r', refundNo: 'r', amount: yuan(100), reason: '' } as const;
    play.tell({ kind: 'surplus_due', surplusId, wish: { ...wish, origin: 'surplus' } }, at(5));
    expect(line(see(play.order, at(5)))).toBe('paid_twice [second going]');
    const refunded = { refundNo: 'r', amount: yuan(100), at: at(6), channelStatus: 'SUCCESS' };
    const heard = {
      by: 'query',
      outcome: { kind: 'succeeded', facts: refunded },
      trust: 'verified',
      heardAt: at(6),
    } as const;
    play.tell({ kind: 'refund_heard', refundId: 'r', heard }, at(6));
    expect(line(see(play.order, at(6)))).toBe('paid_twice [second returned]');
  });

  test('what does not go back by itself is not announced as going back: its refund failed, waits for funds, or was not asked for in time', () => {
    const play = open().open('b', 'barcode').hear('a', paid('a'), at(1)).hear('b', paid('b'), at(2));
    expect(line(see(play.order, at(60)))).toBe('paid_twice [second with_shop]');
    const surplusId = play.order?.surplus[0]?.id ?? '';
    const wish = { id: 'r', attemptId: 'b', shopRefundNo: 'r', refundNo: 'r', amount: yuan(100), reason: '' } as const;
    play.tell({ kind: 'surplus_due', surplusId, wish: { ...wish, origin: 'surplus' } }, at(5));
    const waits = play.order!.refunds.map((one) => ({ ...one, state: 'waiting_funds' as const }));
    expect(line(see({ ...play.order!, refunds: waits }, at(5)))).toBe('paid_twice [second with_shop]');
    const outcome = { kind: 'rejected', code: 'NO', text: '' } as const;
    play.tell(
      { kind: 'refund_heard', refundId: 'r', heard: { by: 'query', outcome, trust: 'verified', heardAt: at(6) } },
      at(6),
    );
    expect(line(see(play.order, at(6)))).toBe('paid_twice [second with_shop]');
  });

  test('paid although the shop had cancelled: kept by its contract, or not sent back in time, it lies with the shop', () => {
    const play = open().tell({ kind: 'cancel', paymentId: 'p-a' }, at(1)).hear('a', paid('a'), at(2));
    expect(line(see(play.order, at(2), { afterCancelMs: 'keep' }))).toBe('held [cancelled with_shop]');
    expect(line(see(play.order, at(4)))).toBe('going_back [cancelled planned]');
    expect(line(see(play.order, at(30)))).toBe('held [cancelled with_shop]');
    const failed = [{ id: 'r', attemptId: 'a', state: 'failed', amount: yuan(100) }] as unknown as Order['refunds'];
    expect(line(see({ ...play.order!, refunds: failed }, at(4)))).toBe('held [cancelled with_shop]');
  });

  test('paid although the shop had cancelled: it goes back', () => {
    const play = open().tell({ kind: 'cancel', paymentId: 'p-a' }, at(1));
    expect(line(see(play.order, at(1)))).toBe('checking cancelled');
    play.hear('a', paid('a'), at(2));
    expect(line(see(play.order, at(2)))).toBe('going_back [cancelled planned]');
  });

  test('closed by proof, and then the channel says that it was paid: checked until it is known, then it goes back', () => {
    const play = open().tell({ kind: 'expire', paymentId: 'p-a' }, at(30));
    play.hear('a', { kind: 'in_doubt', why: 'not found' }, at(45), { isAbsent: true });
    expect(line(see(play.order, at(45)))).toBe('expired');
    play.hear('a', paid('a'), at(60), { by: 'notice' });
    expect(line(see(play.order, at(60)))).toBe('checking late');
    play.hear('a', paid('a'), at(61));
    expect(line(see(play.order, at(61)))).toBe('going_back [late planned]');
  });

  test('given up, proved closed, and then paid while the order is open: it goes back, nothing says "not charged", nothing else is offered', () => {
    const play = open()
      .tell({ kind: 'give_up', attemptId: 'a' }, at(1))
      .hear('a', { kind: 'rejected', code: 'CLOSED', text: '' }, at(2))
      .hear('a', paid('a'), at(3));
    expect(line(see(play.order, at(3)))).toBe('going_back [late planned]');
    expect(line(see(play.order, at(29.5)))).toBe('held [late with_shop]');
    const back = play.order!.surplus.map((one) => ({ ...one, state: 'returned' as const, endedAt: at(6) }));
    const order = { ...play.order!, surplus: back };
    expect(line(see(order, at(7)))).toBe('choose [late returned]');
    expect(line(see(order, at(29.5)))).toBe('going_back [late returned]');
  });

  test('cancelled and proven unpaid: nothing was charged', () => {
    const play = open()
      .tell({ kind: 'cancel', paymentId: 'p-a' }, at(1))
      .hear('a', { kind: 'rejected', code: 'CLOSED', text: '' }, at(2));
    expect(line(see(play.order, at(2)))).toBe('cancelled');
  });
});

test('another price was asked for later: the old link leads to no payment, but says what was paid', () => {
  const old = { cashier: { replacedAt: at(1) } };
  expect(line(see(undefined, at(2), old))).toBe('replaced');
  const play = open();
  expect(line(see(play.order, at(2), { ...given, ...old }))).toBe('replaced');
  expect(line(see(play.hear('a', paid('a'), at(3)).order, at(3), old))).toBe('paid');
});

test('begun at another price: nobody is sent to pay it, and what was paid is said as it was', () => {
  const dearer = { cashier: { amount: yuan(120) } };
  const play = open();
  expect(line(see(play.order, at(1), { ...given, ...dearer }))).toBe('checking doubt, may give up');
  const seen = see(play.hear('a', paid('a'), at(3)).order, at(3), dearer);
  expect([line(seen), seen.amount]).toEqual(['paid', yuan(100)]);
});

test('a code counts down to the earliest of deadline and its own life, and is never shown after it', () => {
  const code: HandOut = { kind: 'code', text: 'weixin://x', livesUntil: at(5) };
  const { stand } = see(open().order, at(1), { about: { handOut: code } });
  expect(stand).toMatchObject({ at: 'scan', until: at(5), isOver: false });
  expect(see(open().order, at(5), { about: { handOut: code } }).stand).toMatchObject({ at: 'scan', isOver: true });
  const long: HandOut = { ...code, livesUntil: at(120) };
  expect(see(open().order, at(1), { about: { handOut: long } }).stand).toMatchObject({ until: at(30) });
});

test('somebody has opened it: said only where the trade is born by that', () => {
  const play = open().hear('a', { kind: 'accepted', facts: { ...facts('a'), channelStatus: 'WAIT' } }, at(1));
  expect(see(play.order, at(1), given).stand).toMatchObject({ at: 'wallet', isOpened: true });
  const ours = { about: { ...given.about, rule: { ...page, tradeBornAt: 'call' as const } } };
  expect(see(play.order, at(1), ours).stand).toMatchObject({ at: 'wallet', isOpened: false });
});

test("a text for the wallet's script is for that wallet's browser alone", () => {
  const script = {
    handOut: { kind: 'sdk', text: '{}' } as const,
    rule: { ...page, handsOut: 'wallet_script' as const },
  };
  expect(line(see(open().order, at(1), { about: script, wallet: 'alipay' }))).toBe('script');
  expect(line(see(open().order, at(1), { about: script }))).toBe('elsewhere');
});
