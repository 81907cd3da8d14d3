import type { Currency } from '../kernel/index.ts';
import { accountId } from './account.ts';
import type { AccountKindName } from './chart.data.ts';
import { entry } from './entry.ts';
import type { EntryDraft, Line, Origin } from './entry.ts';

/** Where the money is: an account at a channel, in one currency. All amounts are minor units of it and positive. */
export type AtPlace = Origin & { readonly place: string; readonly currency: Currency };

/** The accounts of one shop at one place. */
function linesAt(at: AtPlace, amounts: Partial<Readonly<Record<AccountKindName, bigint>>>): Line[] {
  const where = { merchant: at.merchantId, place: at.place, currency: at.currency };
  return Object.entries(amounts).map(([kind, amount]) => ({
    account: accountId(kind as AccountKindName, where),
    amount,
  }));
}

export type Received = {
  /** Our number of the attempt, as the channel knows it. */
  readonly attempt: string;
  readonly amount: bigint;
  /** What the channel will take, by the contract; undefined: not known yet, the statement will tell. */
  readonly fee: bigint | undefined;
  /** The part of the amount that the order does not need. */
  readonly excess?: bigint | undefined;
};

const paymentSource = (attempt: string): string => `payment:${attempt}:succeeded`;

/** A payment succeeded and settles its order; what was paid above it waits to be resolved. */
export function paymentSucceeded(at: AtPlace, { attempt, amount, fee = 0n, excess = 0n }: Received): EntryDraft {
  return entry(at, {
    ...{ kind: 'payment', source: paymentSource(attempt), force: 'fact' },
    lines: linesAt(at, {
      channel_receivable: amount,
      merchant_pending: excess - amount,
      surplus_payable: -excess,
      merchant_fee: fee,
      fee_expected: -fee,
    }),
  });
}

/** A second success or a late payment: money that the order does not need at all. */
export function surplusReceived(at: AtPlace, { attempt, amount, fee = 0n }: Omit<Received, 'excess'>): EntryDraft {
  return entry(at, {
    ...{ kind: 'surplus', source: paymentSource(attempt), force: 'fact' },
    lines: linesAt(at, {
      channel_receivable: amount,
      surplus_payable: -amount,
      merchant_fee: fee,
      fee_expected: -fee,
    }),
  });
}

/** A surplus becomes the shop's money: for the buyer's next order, or for the order itself after all. One end per surplus. */
export function surplusKept(at: AtPlace, kept: { readonly attempt: string; readonly amount: bigint }): EntryDraft {
  return entry(at, {
    ...{ kind: 'surplus_kept', source: `surplus:${kept.attempt}:kept`, force: 'command' },
    lines: linesAt(at, { surplus_payable: kept.amount, merchant_pending: -kept.amount }),
  });
}

/** Whose money goes back: sales not settled yet, settled ones, or a surplus. */
export type RefundOf = 'pending' | 'available' | 'surplus';
/** Where the channel takes it from: what it has not settled yet, or the balance. A setting of the channel account. */
export type RefundPurse = 'unsettled' | 'balance';

export type RefundAmount = { readonly refund: string; readonly amount: bigint; readonly of: RefundOf };

const refundSources = (refund: string): { readonly started: string; readonly ended: string } => ({
  started: `refund:${refund}:started`,
  ended: `refund:${refund}:ended`,
});

const claimOf = {
  pending: 'merchant_pending',
  available: 'merchant_available',
  surplus: 'surplus_payable',
} as const satisfies Record<RefundOf, AccountKindName>;

/** The amount leaves its claim when the refund is asked for, and stays in progress until it has ended, however long it is in doubt. */
export function refundStarted(at: AtPlace, { refund, amount, of }: RefundAmount): EntryDraft {
  return entry(at, {
    ...{ kind: 'refund_started', source: refundSources(refund).started, force: 'command' },
    lines: linesAt(at, { [claimOf[of]]: amount, refund_in_progress: -amount }),
  });
}

/** `feeReturn`: what the channel gives back of its fee, zero where it keeps it. */
export type Refunded = {
  readonly refund: string;
  readonly amount: bigint;
  readonly purse: RefundPurse;
  readonly feeReturn: bigint;
};

export function refundSucceeded(at: AtPlace, { refund, amount, purse, feeReturn }: Refunded): EntryDraft {
  const from = purse === 'unsettled' ? 'channel_receivable' : 'channel_available';
  return entry(at, {
    ...{ kind: 'refund', source: refundSources(refund).ended, force: 'fact' },
    lines: linesAt(at, {
      refund_in_progress: amount,
      [from]: -amount,
      fee_expected: feeReturn,
      merchant_fee: -feeReturn,
    }),
  });
}

/** Proved not to have taken place, or withdrawn before it was sent: the start is taken back. Doubt books nothing. */
export function refundRefused(at: AtPlace, told: RefundAmount): EntryDraft {
  const start = refundStarted(at, told);
  return entry(at, {
    ...{ kind: 'refund_refused', source: refundSources(told.refund).ended, force: 'fact' },
    lines: mirrorOf(start.lines),
    reverses: start.source,
  });
}

export function mirrorOf(lines: readonly Line[]): Line[] {
  return lines.map(({ account, amount }) => ({ account, amount: -amount }));
}

/** One part of a payment for one receiver (分账), under our number of it. */
export type SharedPart = { readonly part: string; readonly amount: bigint };

const shareSources = (part: string): { readonly promised: string; readonly ended: string } => ({
  promised: `share:${part}:promised`,
  ended: `share:${part}:ended`,
});

/** The amount leaves the shop's sales when it is promised, however long the channel takes. */
export function sharePromised(at: AtPlace, { part, amount }: SharedPart): EntryDraft {
  return entry(at, {
    ...{ kind: 'share_promised', source: shareSources(part).promised, force: 'command' },
    lines: linesAt(at, { merchant_pending: amount, share_payable: -amount }),
  });
}

export function shareDone(at: AtPlace, { part, amount }: SharedPart): EntryDraft {
  return entry(at, {
    ...{ kind: 'share', source: shareSources(part).ended, force: 'fact' },
    lines: linesAt(at, { share_payable: amount, channel_receivable: -amount }),
  });
}

/** Proved not to have been given: the promise is taken back. Doubt books nothing. */
export function shareFailed(at: AtPlace, told: SharedPart): EntryDraft {
  const promise = sharePromised(at, told);
  return entry(at, {
    ...{ kind: 'share_failed', source: shareSources(told.part).ended, force: 'fact' },
    ...{ lines: mirrorOf(promise.lines), reverses: promise.source },
  });
}

/** What a receiver gave back is at the channel again, and the shop's again. `back`: our number of what brought it. */
export function shareCameBack(at: AtPlace, { back, amount }: { readonly back: string; readonly amount: bigint }) {
  const draft = (kind: string, step: string, amounts: Parameters<typeof linesAt>[1]): EntryDraft =>
    entry(at, { kind, source: `share_back:${back}:${step}`, force: 'fact', lines: linesAt(at, amounts) });
  return [
    draft('share_back', 'came', { channel_receivable: amount, share_payable: -amount }),
    draft('share_back_kept', 'kept', { share_payable: amount, merchant_pending: -amount }),
  ];
}

/** What was there before Liushui: one entry per place and currency, against 期初. Debit +, credit −. */
export function openingBalances(
  at: AtPlace,
  standing: { readonly source: string; readonly balances: Partial<Readonly<Record<AccountKindName, bigint>>> },
): EntryDraft {
  const lines = linesAt(at, standing.balances);
  const opening = -lines.reduce((sum, line) => sum + line.amount, 0n);
  return entry(at, {
    ...{ kind: 'opening', source: `opening:${standing.source}`, force: 'fact' },
    lines: [...lines, ...linesAt(at, { opening })],
  });
}
