/**
 * The chart of accounts of a merchant that uses payment channels and holds nobody else's money: assets say where the money is, claims
 * whose it is, clearing what is still waited for. Signed amounts: debit +, credit −.
 */
export type AccountKind = {
  readonly zh: string;
  readonly en: string;
  readonly side: 'asset' | 'claim' | 'clearing' | 'own';
  /** Whether it is kept per shop besides place and currency. */
  readonly perMerchant: boolean;
  /** `many`: spread over the groups of buckets; `one`: a single row in the home bucket of its place. */
  readonly slots: 'many' | 'one';
  /** Zero on its own side: an asset may not go into credit, a claim not into debit. */
  readonly floor: boolean;
  /** When a balance has become somebody's work. Undefined: it may stand for ever. */
  readonly zeroBy: ZeroBy | undefined;
};

export type ZeroBy =
  | { readonly days: number; readonly working: boolean }
  | { readonly with: 'settlement' | 'refund' | 'payout' }
  | { readonly report: 'ageing' };

const days = (count: number): ZeroBy => ({ days: count, working: false });
const spread = { slots: 'many', floor: false } as const;
const single = { slots: 'one', floor: false } as const;
const floored = { slots: 'one', floor: true } as const;
const asset = { side: 'asset', perMerchant: false } as const;
const claim = { side: 'claim', perMerchant: true } as const;
const clearing = { side: 'clearing', perMerchant: false } as const;
const own = { side: 'own', perMerchant: false, zeroBy: undefined } as const;

/** By kind: the first word of an account's id. */
export const chart = {
  channel_receivable: { zh: '应收渠道款', en: 'Due from channel', ...asset, ...spread, zeroBy: days(3) },
  channel_available: { zh: '通道可用', en: 'Available at channel', ...asset, ...floored, zeroBy: undefined },
  channel_held: { zh: '通道代付中', en: 'Held at channel for payouts', ...asset, ...floored, zeroBy: undefined },
  bank_cash: { zh: '银行存款', en: 'Cash at bank', ...asset, ...single, zeroBy: undefined },
  in_transit: { zh: '在途', en: 'In transit', ...asset, ...single, zeroBy: { days: 2, working: true } },
  recovery_receivable: {
    ...{ zh: '待追偿', en: 'To be recovered', ...asset, perMerchant: true, ...single },
    zeroBy: { report: 'ageing' },
  },
  merchant_pending: { zh: '商户待结算', en: 'Sales not settled', ...claim, ...spread, zeroBy: undefined },
  merchant_fee: { zh: '商户手续费', en: 'Fees of sales', ...claim, ...spread, zeroBy: { with: 'settlement' } },
  merchant_available: { zh: '商户可用', en: 'Available to shop', ...claim, ...floored, zeroBy: undefined },
  merchant_held: { zh: '商户冻结', en: 'Held for payouts', ...claim, ...floored, zeroBy: { with: 'payout' } },
  refund_in_progress: { zh: '退款中', en: 'Refunds in progress', ...claim, ...spread, zeroBy: { with: 'refund' } },
  surplus_payable: { zh: '重复支付待退', en: 'Paid twice or too late', ...claim, ...spread, zeroBy: days(3) },
  share_payable: { zh: '待分账', en: 'To be shared', ...claim, ...spread, zeroBy: days(30) },
  settlement_surplus: {
    ...{ zh: '渠道多结', en: 'Settled twice by channel', ...claim, perMerchant: false, ...single },
    zeroBy: days(10),
  },
  fee_expected: { zh: '手续费暂估', en: 'Fees expected', ...clearing, ...spread, zeroBy: { days: 2, working: false } },
  fee_difference: { zh: '手续费差异', en: 'Fee differences', ...clearing, ...single, zeroBy: days(10) },
  suspense: { zh: '挂账', en: 'Owner unknown', ...clearing, ...single, zeroBy: days(5) },
  fx_result: { zh: '汇兑损益', en: 'Exchange result', ...own, ...single },
  adjustment: { zh: '调整核销', en: 'Adjustments', ...own, ...single },
  house: { zh: '自有垫付', en: 'House', ...own, ...single },
  opening: { zh: '期初', en: 'Opening', ...own, ...single },
} as const satisfies Readonly<Record<string, AccountKind>>;

export type AccountKindName = keyof typeof chart;
