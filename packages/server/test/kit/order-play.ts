// One order as a value, decided without a database: inputs told to it one at a time, its states and effects looked at.
import { CNY } from '../../src/kernel/index.ts';
import type { Instant, Money, Outcome } from '../../src/kernel/index.ts';
import type { PayRules, TradeFacts } from '../../src/channels/contract/index.ts';
import { decideOrder } from '../../src/payments/decide.ts';
import type { DecideParts } from '../../src/payments/decide-parts.ts';
import type { NewAttempt, OrderInput } from '../../src/payments/inputs.ts';
import type { Order } from '../../src/payments/order.ts';
import type { AccountPolicy } from '../../src/payments/policy.ts';
import type { OrderEffect } from '../../src/payments/work.ts';

export const t0 = 1_446_020_400_000 as Instant;
export const at = (minutes: number): Instant => (t0 + minutes * 60_000) as Instant;
export const yuan = (text: number): Money => ({ minor: BigInt(text * 100), currency: CNY });

const pay = {
  ...{ serialNo: { pattern: '^\\\\d{20}$' }, currencies: ['CNY'], amount: { minMinor: 1n, maxMinor: 10n ** 10n } },
  ...{ expiry: { minMs: 60_000, maxMs: 15 * 86_400_000 }, resendIsSafe: true, queryFloorMs: 5000 },
  products: {
    page: {
      ...{
        nameZh: '',
        nameEn: '',
        scene: 'online',
        terminals: ['pc'],
        handsOut: 'page',
        begins: 'show',
        tradeBornAt: 'payer',
        needs: [],
      },
      absenceProves: { afterDeadlineMinutes: 10 },
    },
    barcode: {
      ...{ nameZh: '', nameEn: '', scene: 'counter', terminals: ['counter'], begins: 'submit', tradeBornAt: 'call' },
      ...{ handsOut: 'nothing', needs: ['payer_code'], codePayment: { waitMs: 5000, everyMs: 5000, forMs: 30_000 } },
    },
  },
  notice: {
    ack: { status: 200, contentType: 'text/plain', body: 'success' },
    refused: { status: 200, contentType: 'text/plain', body: 'fail' },
  },
} as const satisfies PayRules;

const policy: AccountPolicy = {
  pay,
  refund: {
    ...{ refundNo: { pattern: '.' }, resendIsSafe: true, gapMs: 3000, answerIsFinal: true, firstQueryAfterMs: 10_000 },
    fundsShortCodes: ['SHORT'],
  },
  fee: (_product, _scene, { minor }) => ({ minor: (minor * 6n + 500n) / 1000n, exact: '0' }),
  feeBack: () => ({ minor: 0n, rule: 'none' }),
  refusePayment: () => undefined,
  refuseRefund: () => undefined,
  approvalAboveMinor: undefined,
  surplus: { act: 'refund', afterMs: 120_000 },
  paidAfterCancel: 'refund',
  adoptWithinMs: 86_400_000,
};

export class Play {
  order: Order | undefined;
  effects: OrderEffect[] = [];
  refusal: string | undefined;
  againAt: Instant | undefined;
  #id = 0;
  readonly #parts: DecideParts;

  constructor(more: Partial<AccountPolicy> = {}) {
    this.#parts = { policyOf: () => ({ ...policy, ...more }), ids: { next: () => `id-${(this.#id += 1)}` } };
  }

  tell(input: DistributiveOmit<OrderInput, 'key'>, when: Instant): this {
    const decided = decideOrder(this.#parts, this.order, { ...input, key: { bucket: 1, id: 'o' } }, when);
    this.refusal = decided.result.ok ? undefined : decided.result.refusal.code;
    this.againAt = decided.result.ok ? decided.result.value.againAt : undefined;
    this.order = decided.next ?? this.order;
    this.effects = [...(decided.effects ?? [])];
    return this;
  }

  open(id: string, product = 'page', when = t0, more: { keepOthers?: boolean } = {}): this {
    const attempt = {
      ...{ id, serialNo: id, accountId: 'A1', channel: 'alipay', product, amount: yuan(100), subject: '商品' },
      ...{ scene: 'online' as const, deadlineAt: at(30), notifyUrl: 'http://127.0.0.1/n' },
      ...(product === 'barcode' ? { payerSealed: new Uint8Array([1]) } : {}),
    } satisfies NewAttempt;
    const order = { merchantId: 'm', orderNo: 'A1001', subject: '商品', due: yuan(100) };
    return this.tell(
      { kind: 'open', order, paymentId: `p-${id}`, expiresAt: at(30), attempt, keepOthers: more.keepOthers ?? true },
      when,
    );
  }

  hear(attemptId: string, outcome: Outcome<TradeFacts>, when: Instant, more: object = {}): this {
    const heard = { by: 'query', outcome, trust: 'verified', heardAt: when, ...more } as const;
    return this.tell({ kind: 'heard', attemptId, heard }, when);
  }

  get states() {
    const { payments = [], attempts = [], surplus = [], refunds = [] } = this.order ?? {};
    return [payments, attempts, surplus, refunds].map((parts) => parts.map(({ state }) => state).join(' ')).join(' | ');
  }

  kinds(kind: OrderEffect['kind']): string[] {
    return this.effects.filter((effect) => effect.kind === kind).map(nameOf);
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

function nameOf(effect: OrderEffect): string {
  if (effect.kind === 'entry') return effect.draft.kind;
  if (effect.kind === 'event') return effect.event.type;
  if (effect.kind === 'case') return effect.open.kind;
  return effect.kind === 'job' ? effect.wish.kind : effect.kind;
}

export const facts = (serialNo: string, tradeNo = `T-${serialNo}`, amount = yuan(100)): TradeFacts => ({
  ...{ serialNo, tradeNo, amount, channelStatus: 'TRADE_SUCCESS' },
});
export const paid = (serialNo: string, tradeNo?: string): Outcome<TradeFacts> => ({
  ...{ kind: 'succeeded', facts: facts(serialNo, tradeNo) },
});
export const waiting = (serialNo: string): Outcome<TradeFacts> => ({ kind: 'accepted', facts: facts(serialNo) });
export const doubt: Outcome<TradeFacts> = { kind: 'in_doubt', why: 'no answer' };
