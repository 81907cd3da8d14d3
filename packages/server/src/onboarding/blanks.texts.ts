type Words = { readonly zh: string; readonly en: string };

/** What only people know of a step, by the key under which it is noted: what it is, and the word that a printed command has for it. */
export const factTexts = {
  mode: { word: 'MODE', zh: '合作模式', en: 'mode of cooperation', example: 'direct' },
  agreement: {
    ...{ word: 'AGREEMENT', zh: '已签协议的编号或文件名', en: 'the signed agreement: its number or file' },
    example: 'agreement.pdf',
  },
  egress: {
    ...{
      word: 'ADDRESS',
      zh: '本系统访问渠道时的公网出口地址',
      en: 'the public address from which this program calls',
    },
    example: '203.0.113.5',
  },
  egress_state: {
    ...{ word: 'STATE', zh: '渠道是否要登记出口地址', en: 'whether the channel lists that address' },
    example: 'confirmed',
    oneOf: [
      { word: 'confirmed', zh: '渠道已登记', en: 'the channel has listed it' },
      { word: 'not_asked', zh: '渠道不要求', en: 'the channel asks for none' },
    ],
  },
  app_kind: { word: 'APPKIND', zh: '应用的类型', en: 'the kind of application at the channel', example: 'service' },
  product: {
    ...{ word: 'PRODUCT', zh: '渠道已开通的产品，可写多个', en: 'what the channel has opened; several may be named' },
    example: 'page',
  },
  file: { word: 'FILE', zh: '存有密钥的文件', en: 'the file that holds the secret', example: 'key.txt' },
} as const;

/** What else may be wanted of a step, for people. */
export const wantTexts: Readonly<Record<string, Words>> = {
  mode: { zh: '合作模式', en: 'mode' },
  agreement: { zh: '协议', en: 'agreement' },
  egress: { zh: '出口地址', en: 'egress' },
  egress_state: { zh: '出口地址是否登记', en: 'egress_state' },
  app_kind: { zh: '应用类型', en: 'app_kind' },
  opened: { zh: '已开通的产品', en: 'opened' },
  notice_address: { zh: '通知地址', en: 'notice_address' },
  acceptance: { zh: '验收', en: 'acceptance' },
  live: { zh: '上线', en: 'live' },
  applied_on: { zh: '申请日期', en: 'applied_on' },
  expected_on: { zh: '预计日期', en: 'expected_on' },
  contact: { zh: '联系人', en: 'contact' },
  file: { zh: '文件', en: 'file' },
};

/** How a fact may be written. */
export const valueForms = {
  text: { zh: '文字，不超过 200 字', en: '1–200' },
  date: { zh: '日期 yyyy-mm-dd', en: 'yyyy-mm-dd' },
  addresses: {
    zh: 'IP 地址或网段，如 203.0.113.5 或 203.0.113.0/29，多个用逗号隔开',
    en: 'IP addresses or networks by commas, such as 203.0.113.5 or 203.0.113.0/29',
  },
} as const;

/** `name` with its words, where they are not the same. */
export const named = (name: string, { zh }: Words): Words => ({ zh: zh === name ? name : `${zh} ${name}`, en: name });

export const secretsIn = (labels: readonly Words[]): Words => ({
  zh: `${factTexts.file.zh}（${labels.map(({ zh }) => zh).join('、')}）`,
  en: `${factTexts.file.en} (${labels.map(({ en }) => en).join(', ')})`,
});

/** A product's name, with what must be noted with it or before it. */
export function productWords(name: Words, comesWith: readonly string[], after: readonly string[]): Words {
  const zh = comesWith.length > 0 ? `，与 ${comesWith.join('、')} 一起登记` : '';
  const en = comesWith.length > 0 ? `, noted together with ${comesWith.join(' or ')}` : '';
  return after.length === 0
    ? { zh: name.zh + zh, en: name.en + en }
    : { zh: `${name.zh}，须先有 ${after.join('、')} 之一`, en: `${name.en}, after one of ${after.join(', ')}` };
}

/** The parts of a sentence in one list. */
export const listed = (words: readonly Words[]): Words => ({
  zh: words.map(({ zh }) => zh).join('、'),
  en: words.map(({ en }) => en).join(', '),
});

/** Names with what they mean, where what they mean has commas of its own. */
export const explained = (words: readonly (Words & { readonly key: string })[]): string =>
  words.map(({ key, zh }) => `${key}（${zh}）`).join('、');

/** The words of which one is chosen, with what each means. */
export const choices = (oneOf: readonly (Words & { readonly word: string })[]): Words => ({
  zh: oneOf.map(({ word, zh }) => (word === zh ? word : `${word}（${zh}）`)).join(' | '),
  en: oneOf.map(({ word, en }) => (word === en ? word : `${word} (${en})`)).join(' | '),
});

export const meanings = (blanks: readonly (Words & { readonly word: string })[]): Words => ({
  zh: blanks.map(({ word, zh }) => `${word}：${zh}`).join('；'),
  en: blanks.map(({ word, en }) => `${word}: ${en}`).join('; '),
});

/** The lines of an acceptance run. */
export const lineWords = {
  opened: { zh: '开一单', en: 'order opened' },
  doubled: { zh: '同一单再交一次', en: 'same order sent again' },
  closed: { zh: '未付关闭', en: 'closed unpaid' },
  paid: { zh: '付款', en: 'paid' },
  notice: { zh: '收到通知', en: 'message seen' },
  query: { zh: '查询一致', en: 'query agrees' },
  refund_part: { zh: '退一部分', en: 'part refunded' },
  refund_rest: { zh: '退剩余', en: 'rest refunded' },
  refund_seen: { zh: '渠道证实退款', en: 'refunds confirmed' },
  statement: { zh: '次日对账单两行和手续费', en: 'rows and fee on the statement' },
  settlement: { zh: '结算到账', en: 'settlement credit' },
} as const;

/** What a channel's answer comes to, in Chinese. */
export const outcomeWords = { succeeded: '成功', accepted: '受理', rejected: '拒绝', in_doubt: '结果未知' } as const;
