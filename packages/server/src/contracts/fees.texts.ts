import type { TermValue } from './kinds.ts';

type Words = { readonly zh: string; readonly en: string };

/** Why so much of the fee comes back, for the form on which a refund is asked for. */
export const why: Readonly<Record<TermValue<'fee_return'>['kind'], Words>> = {
  none: { zh: '渠道退款不退手续费。', en: 'The channel keeps its fee when money is refunded.' },
  full_only: {
    zh: '一次全额退款才退手续费，分次退款不退。',
    en: 'The fee comes back only if one refund takes the whole payment.',
  },
  rate: {
    zh: '按退款金额乘费率四舍五入，以剩余手续费为限；金额太小的退款可能不退。',
    en: 'The rate of the refunded amount, half up, at most what is left of the fee; a very small part may give nothing.',
  },
  rate_min: {
    zh: '按退款金额乘费率退；付款时按最低收费计的部分，以合同的解释为准。',
    en: 'The rate of the refunded amount; what the minimum added at payment comes back as the contract is read.',
  },
  proportional: {
    zh: '按退款占付款的比例退手续费（按未取整的手续费计算），四舍五入。',
    en: 'As large a part of the unrounded fee as of the payment is refunded, half up.',
  },
  until_full: {
    zh: '部分退款按比例退；最后一笔退完时，剩余手续费全部退回。',
    en: 'In proportion while a part is refunded; the refund that completes it brings all that is left of the fee.',
  },
  daily_net: {
    zh: '当日付款与退款轧差后收手续费，单笔退款没有退费金额，以当日对账单为准。',
    en: "The day's payments and refunds are set off first and the fee is taken of the rest: a single refund has no figure.",
  },
  single_negative: {
    zh: '对账单中每笔退款列一行负手续费：退款金额乘费率，四舍五入。',
    en: 'The statement has a negative fee for each refund: the rate of the refunded amount, half up.',
  },
  percent_only: {
    zh: '只退按比例收取的部分，固定部分不退。',
    en: 'Only the percentage comes back; the fixed part stays with the channel.',
  },
};
