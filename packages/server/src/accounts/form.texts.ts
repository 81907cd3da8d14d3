type Words = { readonly zh: string; readonly en: string };

/** How forms and what is wrong with them are said. */
export const formTexts = {
  rules: {
    serialNo: { zh: '支付流水号', en: 'serial number' },
    refundNo: { zh: '退款号', en: 'refund number' },
    amount: { zh: '金额', en: 'amount' },
    deadline: { zh: '付款期限', en: 'deadline' },
  },
  nothingToAsk: { zh: '没有可用于测试的接口', en: 'no operation to test with' },
  digits: (count: string): Words => ({ zh: `${count} 位数字`, en: `${count} digits` }),
  letters: (count: string, of: string): Words => ({ zh: `${count} 位 ${of}`, en: `${count} of ${of}` }),
  address: { zh: 'http:// 或 https:// 开头的地址', en: 'an address with http:// or https://' },
  missing: (flag: string, label: string, allowed: string): Words => ({
    zh: `${flag}  ${label}：没有给出，应为 ${allowed}`,
    en: `${flag}  ${label}: missing; it is ${allowed}`,
  }),
  unfit: (flag: string, label: string, found: string, allowed: string): Words => ({
    zh: `${flag}  ${label}：给的是“${found}”，应为 ${allowed}`,
    en: `${flag}  ${label}: "${found}" was given; it is ${allowed}`,
  }),
  secretMissing: (flag: string, label: string): Words => ({
    zh: `${flag}  ${label}：没有给出`,
    en: `${flag}  ${label}: missing`,
  }),
  secretUnreadable: (flag: string, label: string, allowed: string): Words => ({
    zh: `${flag}  ${label}：无法识别，应为 ${allowed}`,
    en: `${flag}  ${label}: cannot be read; it is ${allowed}`,
  }),
  stranger: (flag: string, known: string): Words => ({
    zh: `${flag}  没有这一项，有的是 ${known}`,
    en: `${flag}  there is no such thing; there are ${known}`,
  }),
} as const;
