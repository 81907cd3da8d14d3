import { why } from './fees.texts.ts';

type Words = { readonly zh: string; readonly en: string };

/** A word in capitals of a printed command: what stands for what only the merchant knows. */
export type Blank = Words & {
  readonly word: string;
  /** What one may write instead. */
  readonly example: string | number;
  /** One of these is written. */
  readonly oneOf?: readonly (Words & { readonly word: string })[];
};

const choice = (from: Readonly<Record<string, Words>>): NonNullable<Blank['oneOf']> =>
  Object.entries(from).map(([word, { zh, en }]) => ({ word, zh, en }));

const yesNo = choice({ yes: { zh: '是', en: 'it does' }, no: { zh: '否', en: 'it does not' } });

const allowed: Blank = {
  ...{ word: 'ALLOWED', zh: '合同是否允许', en: 'whether the contract allows it', example: 'yes', oneOf: yesNo },
};

/** Where a term stands. */
export const sourceBlank: Blank = {
  ...{ word: 'PAPER', zh: '出处：合同编号和条款', en: 'where it stands: the contract and its clause' },
  example: 'contract 4.1',
};

/** What every kind of term must have, by the names of its members. */
export const termBlanks = {
  fee: {
    rate: { word: 'RATE', zh: '费率，0.6 % 写 0.006', en: 'the rate, 0.006 for 0.6 %', example: '0.006' },
  },
  fee_return: {
    kind: {
      ...{ word: 'KIND', zh: '退款时手续费怎样退', en: 'what comes back of the fee with a refund' },
      ...{ example: 'rate', oneOf: choice(why) },
    },
  },
  void_fee: {
    charged: {
      ...{ word: 'CHARGED', zh: '撤销是否收手续费', en: 'whether a voided payment costs a fee' },
      ...{ example: 'no', oneOf: yesNo },
    },
  },
  refund_window: {
    days: { word: 'DAYS', zh: '付款后几天内可退款', en: 'days within which a payment can be refunded', example: 365 },
  },
  refund_count: { max: { word: 'COUNT', zh: '一笔付款最多退几次', en: 'refunds of one payment at most', example: 50 } },
  refund_gap: {
    seconds: { word: 'SECONDS', zh: '两次退款间隔的秒数', en: 'seconds between two refunds', example: 60 },
  },
  refund_partial: { allowed },
  refund_permission: { allowed },
  refund_approval_above: {
    minor: { word: 'AMOUNT', zh: '金额，以分计', en: 'an amount in minor units (fen)', example: 100_000 },
  },
  limits: {
    single_minor: {
      ...{
        word: 'LIMIT',
        zh: '单笔限额，以分计',
        en: 'the limit of one payment in minor units (fen)',
        example: 5_000_000,
      },
    },
  },
  hours: {
    from: { word: 'OPENS', zh: '每天开始服务的时刻', en: 'when the service begins each day', example: '09:00' },
    to: { word: 'CLOSES', zh: '每天结束服务的时刻', en: 'when the service ends each day', example: '21:00' },
  },
  settlement: {
    mode: {
      ...{ word: 'SETTLING', zh: '怎样结算', en: 'how it is settled', example: 'automatic' },
      oneOf: choice({
        automatic: { zh: '渠道到期自动结算', en: 'the channel does it by itself' },
        manual: { zh: '商户自己提取', en: 'the merchant withdraws it' },
      }),
    },
  },
  surplus: {
    policy: {
      ...{ word: 'POLICY', zh: '多收的款怎样处理', en: 'what becomes of money beyond what is due', example: 'refund' },
      oneOf: choice({
        refund: { zh: '退还', en: 'it goes back' },
        keep: { zh: '留着，由人决定', en: 'it is kept until people decide' },
        credit: { zh: '记入买家的下一单', en: "it is credited to the buyer's next order" },
      }),
    },
    delay_seconds: { word: 'DELAY', zh: '多少秒之后', en: 'after so many seconds', example: 600 },
  },
  paid_while_closing: {
    deadline: {
      ...{ word: 'ATDEADLINE', zh: '到期关单时付了款', en: 'paid while it was closed at its deadline' },
      ...{ example: 'keep', oneOf: choice({ keep: { zh: '留下', en: 'it is kept' } }) },
    },
    cancel_by_shop: {
      ...{ word: 'ATCANCEL', zh: '商城取消时付了款', en: 'paid while the shop cancelled it', example: 'refund' },
      oneOf: choice({ refund: { zh: '退还', en: 'it goes back' }, keep: { zh: '留下', en: 'it is kept' } }),
    },
  },
  adopt_within: {
    hours: { word: 'HOURS', zh: '几小时内可认领', en: 'hours within which a shop may adopt it', example: 72 },
  },
  category: {
    name: {
      word: 'CATEGORY',
      zh: '经营类目的名称',
      en: 'what the business sells, as its contract names it',
      example: 'tea',
    },
    body: {
      ...{ word: 'BODY', zh: '卖的是什么', en: 'what is sold', example: 'goods' },
      oneOf: choice({
        goods: { zh: '实物', en: 'goods' },
        virtual: { zh: '虚拟商品', en: 'virtual goods' },
        public: { zh: '公共事业', en: 'public services' },
      }),
    },
  },
  licence: {
    name: { word: 'LICENCE', zh: '资质的名称', en: 'the name of the licence', example: 'food' },
    expires_on: { word: 'DATE', zh: '资质的最后一天', en: 'the last day of the licence', example: '2030-01-01' },
  },
  scene: { allowed },
  credit_card: { allowed },
  instalments: {
    counts: { word: 'COUNTS', zh: '可分的期数', en: 'the numbers of instalments', example: '3,6,12' },
  },
  split: {
    receivers_max: { word: 'RECEIVERS', zh: '最多几个接收方', en: 'receivers at most', example: 20 },
  },
  statement: {
    way: {
      ...{ word: 'WAY', zh: '对账单怎样取得', en: 'how statements are had', example: 'console' },
      oneOf: choice({
        api: { zh: '由程序下载', en: 'this program fetches them' },
        console: { zh: '有人在渠道网站下载', en: "somebody downloads them from the channel's site" },
        pushed: { zh: '渠道送来', en: 'the channel delivers them' },
      }),
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Blank>>>>;
