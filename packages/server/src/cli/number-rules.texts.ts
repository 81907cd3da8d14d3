import type { Words } from './answer.ts';

export const numberRulesTexts = {
  group: {
    zh: '报关订单号规则：海关看到的是哪个号码（每个账户、口岸一条，须两人）',
    en: 'number rules: which number customs gets to know, per account and place; two people choose',
  },
  listAbout: { zh: '列出现行规则', en: 'list the rules in force' },
  proposeAbout: {
    zh: '提出规则：serial 付款时用的号码，child 作为拆单的子订单号',
    en: 'propose a rule: serial, the number that was paid with; child, the order number, declared as split',
  },
  approveAbout: { zh: '复核通过（不能复核自己的）', en: 'approve (never your own)' },
  refuseAbout: { zh: '复核不通过，须写原因', en: 'refuse, with a reason' },
  heads: {
    zh: ['账户', '口岸', '规则', '生效 (GMT+8)'],
    en: ['account', 'place', 'rule', 'valid from (GMT+8)'],
  },
  none: {
    zh: '还没有选定规则：没有规则的口岸不能报关。',
    en: 'No rule was chosen: nothing can be declared to a place without one.',
  },
  proposed: (approval: string, about: string, rule: string, now: string): Words => ({
    zh: `复核 ${approval}：${about} 的规则由 ${now} 改为 ${rule}。还没有生效。请另一人复核：`,
    en: `Approval ${approval}: the rule of ${about} from ${now} to ${rule}. Nothing changed yet. A second person:`,
  }),
  chosen: (about: string, rule: string): Words => ({
    zh: `${about} 的规则从现在起为 ${rule}；已报关的保留原来的号码。`,
    en: `The rule of ${about} is ${rule} from now on; what was declared before keeps its number.`,
  }),
  refused: (approval: string): Words => ({
    zh: `${approval} 未通过，规则没有改动。`,
    en: `${approval} was refused; no rule was changed.`,
  }),
} as const;
