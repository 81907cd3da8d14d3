import { CNY, done, minutes } from '../../../src/kernel/index.ts';
import type { Result } from '../../../src/kernel/index.ts';
import { defineConnector } from '../../../src/channels/contract/index.ts';
import type {
  CloseReading,
  DefaultTerm,
  Draft,
  Manifest,
  PayInstruction,
  ProductRule,
  RefundInstruction,
  RefundReading,
  TradeReading,
  WireAnswer,
} from '../../../src/channels/contract/index.ts';
import type { ChannelRegistry } from '../../../src/channels/registry.ts';
import type { MoneyOperation } from './story.ts';

/** What travels to the channel of the stories: no wire of its own, for what wires do is tested with each connector. */
export type Asked = {
  readonly op: MoneyOperation;
  readonly serialNo: string;
  readonly product: string;
  readonly minor: number;
  readonly deadlineAt: number;
  readonly refundNo: string;
};

const product = (begins: ProductRule['begins'], more: Partial<ProductRule> = {}): ProductRule => ({
  ...{ nameZh: '故事', nameEn: 'story', scene: 'online', terminals: ['pc'], begins, tradeBornAt: 'payer', needs: [] },
  ...{ handsOut: 'page', absenceProves: { afterDeadlineMinutes: 10 } },
  ...more,
});

const codePayment = { waitMs: 5000, everyMs: 5000, forMs: 30_000 };
const { absenceProves: _never, ...scan } = product('submit', { scene: 'counter', tradeBornAt: 'call', codePayment });
const products: Readonly<Record<string, ProductRule>> = {
  page: product('show'),
  wap: product('show'),
  code: product('submit', { absenceProves: { afterDeadlineMinutes: 10, afterCreationMinutes: 130 } }),
  scan,
};

const lane = { callsPerSecond: 100_000, itemsPerCall: 1, gapMinutes: 0, timeoutMs: 10_000, answerBytesMax: 1 << 16 };

const manifestOf = (id: string, resendIsSafe: boolean): Manifest => ({
  ...{ id, nameZh: id, nameEn: id, amountUnit: 'fen', alsoKnownAs: [id], settings: [], secrets: [] },
  lanes: {
    ...{ 'pay.submit': lane, 'pay.query': lane, 'pay.close': lane, 'pay.cancel': lane },
    ...{ 'refund.submit': lane, 'refund.query': lane },
  },
  pay: {
    ...{ serialNo: { pattern: '^[A-Za-z0-9_]{1,64}$' }, currencies: [CNY] },
    ...{ amount: { minMinor: 1n, maxMinor: 10_000_000_000n }, expiry: { minMs: minutes(1), maxMs: minutes(1500) } },
    ...{ resendIsSafe, products, queryFloorMs: 5000 },
    notice: {
      ack: { status: 200, contentType: 'text/plain', body: 'success' },
      refused: { status: 200, contentType: 'text/plain', body: 'fail' },
    },
  },
  refund: {
    ...{ refundNo: { pattern: '^[A-Za-z0-9_]{1,64}$' }, resendIsSafe, gapMs: 3000, answerIsFinal: true },
    ...{ firstQueryAfterMs: 10_000, fundsShortCodes: ['FUNDS_SHORT'] },
  },
});

function draftOf(asked: Asked): Result<Draft> {
  const body = Buffer.from(JSON.stringify(asked));
  const headers = { 'content-type': 'application/json' };
  return done({ toSign: body, finish: () => ({ method: 'POST', url: 'http://127.0.0.1:9/money', headers, body }) });
}

const payAs = (op: MoneyOperation) => (told: PayInstruction) => {
  const { serialNo, product: name, amount, deadlineAt } = told;
  return draftOf({ op, serialNo, product: name, minor: Number(amount.minor), deadlineAt, refundNo: '' });
};

const refundAs =
  (op: MoneyOperation) =>
  ({ serialNo, refundNo, amount }: RefundInstruction) =>
    draftOf({ op, serialNo, product: '', minor: Number(amount.minor), deadlineAt: 0, refundNo });

/** Amounts travel as text. */
const read = <R>({ body }: WireAnswer): R =>
  JSON.parse(Buffer.from(body).toString(), (name, value: unknown) =>
    name === 'minor' ? BigInt(value as string) : value,
  ) as R;

const terms: readonly DefaultTerm[] = [
  { product: '*', scene: '*', kind: 'fee', value: { rate: '0.006' }, source: 'story', from: 'story' },
  { product: '*', scene: '*', kind: 'fee_return', value: { kind: 'rate' }, source: 'story', from: 'story' },
];

function channelOf(id: string, resendIsSafe: boolean, more: readonly DefaultTerm[]) {
  const trade = { interpret: (answer: WireAnswer) => read<TradeReading>(answer) };
  const close = { interpret: (answer: WireAnswer) => read<CloseReading>(answer) };
  const refund = { interpret: (answer: WireAnswer) => read<RefundReading>(answer) };
  const manifest = manifestOf(id, resendIsSafe) as Manifest & Required<Pick<Manifest, 'pay' | 'refund'>>;
  return defineConnector<Manifest & Required<Pick<Manifest, 'pay' | 'refund'>>>(manifest, () => Promise.resolve(''), {
    pay: {
      show: { build: payAs('query'), handOut: () => ({ kind: 'url', url: 'http://127.0.0.1:9/' }) },
      submit: { build: payAs('submit'), ...trade },
      query: { build: payAs('query'), ...trade },
      close: { build: payAs('close'), ...close },
      cancel: { build: payAs('cancel'), ...close },
      notice: {
        read: () => {
          throw new Error('messages of stories come to the order itself');
        },
      },
    },
    refund: { submit: { build: refundAs('refund'), ...refund }, query: { build: refundAs('refund_query'), ...refund } },
    terms: [...terms, ...more],
  } as never);
}

const strictTerms: readonly DefaultTerm[] = [
  {
    product: '*',
    scene: '*',
    kind: 'surplus',
    value: { policy: 'keep', delay_seconds: 0 },
    source: 'story',
    from: 'story',
  },
  {
    product: '*',
    scene: '*',
    kind: 'paid_while_closing',
    value: { deadline: 'keep', cancel_by_shop: 'keep' },
    source: 'story',
    from: 'story',
  },
];

export function moneyChannels(): ChannelRegistry {
  const all = [channelOf('calm', true, []), channelOf('strict', false, strictTerms)];
  return { get: (id) => all.find(({ manifest }) => manifest.id === id), all: () => all };
}
