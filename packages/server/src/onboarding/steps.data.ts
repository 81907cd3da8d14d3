import type { TermKind } from '../contracts/index.ts';

type Words = { readonly zh: string; readonly en: string };

/** What a step wants before it is done: a term that two people agreed to, or a fact that somebody noted. */
export type Want =
  /** `always`: no contract lacks it, so nobody is offered to note that it is not needed. */
  | { readonly term: TermKind; readonly always?: true }
  /** `unless`: another fact of the step, which answers this one as well. */
  | { readonly fact: string; readonly oneOf?: readonly string[]; readonly unless?: { fact: string; is: string } };

export type StepRule = Words & {
  readonly key: string;
  readonly owner: 'business' | 'product' | 'finance' | 'operations' | 'development';
  /** Nobody goes live while it is open. */
  readonly blocks: boolean;
  readonly wants: readonly Want[];
};

/** The sixteen steps in their order. */
export const stepRules = [
  {
    ...{ key: 'entity', zh: '主体、类目、资质', en: 'entity, category, licences', owner: 'business', blocks: true },
    wants: [{ term: 'category', always: true }, { term: 'licence' }],
  },
  {
    ...{ key: 'mode', zh: '合作模式、协议、费率', en: 'mode, agreement, rate', owner: 'business', blocks: true },
    wants: [{ fact: 'mode' }, { fact: 'agreement' }, { term: 'fee', always: true }],
  },
  {
    ...{ key: 'products', zh: '产品、终端、场景', en: 'products, terminals, scene', owner: 'product', blocks: true },
    wants: [],
  },
  {
    ...{ key: 'limits', zh: '限额', en: 'limits', owner: 'business', blocks: false },
    wants: [{ term: 'limits' }],
  },
  {
    ...{
      key: 'refunds',
      zh: '退款权限、期限、手续费',
      en: 'refunds: right, window, fee',
      owner: 'business',
      blocks: false,
    },
    wants: [{ term: 'refund_window' }, { term: 'fee_return' }],
  },
  {
    ...{ key: 'settlement', zh: '结算', en: 'settlement', owner: 'finance', blocks: false },
    wants: [{ term: 'settlement' }],
  },
  {
    ...{ key: 'statements', zh: '对账单', en: 'statements', owner: 'finance', blocks: false },
    wants: [{ term: 'statement' }],
  },
  {
    ...{ key: 'addresses', zh: '出口地址、通知地址', en: 'addresses', owner: 'operations', blocks: true },
    wants: [
      { fact: 'egress_state', oneOf: ['confirmed', 'not_asked'] },
      { fact: 'egress', unless: { fact: 'egress_state', is: 'not_asked' } },
    ],
  },
  {
    ...{ key: 'keys', zh: '接口版本、密钥', en: 'version and keys', owner: 'development', blocks: true },
    wants: [],
  },
  {
    ...{ key: 'numbers', zh: '单号、单位、文字', en: 'numbers, unit, text', owner: 'development', blocks: false },
    wants: [],
  },
  {
    ...{ key: 'hours', zh: '服务时间', en: 'hours of service', owner: 'business', blocks: false },
    wants: [{ term: 'hours' }],
  },
  {
    ...{ key: 'terms', zh: '分期、信用卡', en: 'instalments, credit cards', owner: 'product', blocks: false },
    wants: [{ term: 'credit_card' }],
  },
  {
    ...{ key: 'notices', zh: '通知', en: 'messages', owner: 'development', blocks: false },
    wants: [],
  },
  {
    ...{ key: 'queries', zh: '查询节奏', en: 'pace of questions', owner: 'development', blocks: false },
    wants: [],
  },
  {
    ...{ key: 'acceptance', zh: '验收', en: 'acceptance run', owner: 'operations', blocks: true },
    wants: [],
  },
  {
    ...{ key: 'go_live', zh: '上线', en: 'going live', owner: 'operations', blocks: true },
    wants: [],
  },
] as const satisfies readonly StepRule[];

export type StepKey = (typeof stepRules)[number]['key'];

/** What may be noted of every step while it waits for the channel. */
export const waitingKeys = ['applied_on', 'expected_on', 'contact', 'file'] as const;

/** A term may have no place in a contract: instead of it somebody notes that it is not needed, and why. */
export const notNeeded = 'not_needed';
