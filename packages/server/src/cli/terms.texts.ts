import type { Words } from './answer.ts';

export const termsTexts = {
  group: {
    zh: '合同条款：账户合同写明的费率、退款、限额、结算（须两人登记）',
    en: "contract terms: fees, refunds, limits and settlement as an account's contract has them; two people",
  },
  listAbout: {
    zh: '列出账户的条款，以及渠道文件中待确认的默认值',
    en: "list an account's terms, and what its channel supposes",
  },
  showAbout: { zh: '某一时刻对某产品、场景适用哪一条', en: 'which one holds for a product and a scene at a moment' },
  proposeAbout: { zh: '提出一条条款，由另一人复核', en: 'propose a term, for a second person to agree' },
  productOption: { zh: '产品，* 为全部', en: 'product; * for all' },
  sceneOption: { zh: '场景：*、online、counter', en: 'scene: *, online or counter' },
  atOption: { zh: '时刻（默认现在）', en: 'moment; now unless said' },
  valueOption: {
    zh: '内容，如 rate=0.0055（可多次）',
    en: 'a member of its value, as in rate=0.0055; may be repeated',
  },
  sourceOption: { zh: '出处：合同编号和条款', en: 'where it stands: contract and clause' },
  fromOption: { zh: '开始时间（默认现在）', en: 'from when; now unless said' },
  toOption: { zh: '结束时间（默认到下一条开始）', en: 'until when; until the next one begins unless said' },
  aloneOption: { zh: '一人完成，仅限沙箱', en: 'one person does both; only in a sandbox' },
  heads: {
    zh: ['条款', '产品', '场景', '内容', '状态', '生效 (GMT+8)', '出处'],
    en: ['term', 'product', 'scene', 'value', 'state', 'valid from (GMT+8)', 'source'],
  },
  states: {
    in_force: { zh: '生效中', en: 'in force' },
    ended: { zh: '已结束', en: 'ended' },
    to_come: { zh: '未开始', en: 'to come' },
    supposed: { zh: '待确认', en: 'unconfirmed' },
    offered: { zh: '可选', en: 'other text' },
  },
  none: {
    zh: '没有登记的条款，渠道也没有默认值。',
    en: 'No term was written down, and the channel supposes none.',
  },
  notFound: (kind: string): Words => ({
    zh: `没有适用的“${kind}”条款。`,
    en: `No term "${kind}" holds.`,
  }),
  confirmed: (source: string): Words => ({ zh: `出处：${source}`, en: `Source: ${source}` }),
  supposedFrom: (source: string, from: string, fromZh: string): Words => ({
    zh: `默认值，待与渠道确认：${fromZh}`,
    en: `${source}: ${from}`,
  }),
  supposed: (source: string): Words => ({
    zh: '没有登记的条款，这是渠道的默认值，待与渠道确认。',
    en: `Nobody wrote one down: this is the channel's default (${source}).`,
  }),
  proposed: (approval: string, about: string, value: string): Words => ({
    zh: `复核 ${approval}：${about} 为 ${value}。还没有生效，须另一人复核。`,
    en: `Approval ${approval}: ${about} to be ${value}. Nothing changed yet: a second person approves it.`,
  }),
  agreed: (about: string, value: string, from: string): Words => ({
    zh: `${about} 从 ${from} (GMT+8) 起为 ${value}。`,
    en: `${about} is ${value} from ${from} (GMT+8) on.`,
  }),
  refused: (approval: string): Words => ({
    zh: `${approval} 未通过，条款没有改动。`,
    en: `${approval} was refused; no term was changed.`,
  }),
} as const;
