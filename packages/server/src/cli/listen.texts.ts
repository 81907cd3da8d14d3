import type { Words } from './answer.ts';

export const listenTexts = {
  about: {
    zh: '把事件转发到本机的一个地址（仅模拟环境）',
    en: 'forward events to an address of this machine (sandbox only)',
  },
  toOption: { zh: '转发到哪里，如 http://127.0.0.1:9000/hook', en: 'where to, such as http://127.0.0.1:9000/hook' },
  typesOption: { zh: '只要这些类型，逗号分隔', en: 'these types only, separated by commas' },
  sinceOption: {
    zh: '从何时起：多久以前（10m）或时刻；缺省从现在起',
    en: 'from when: so long ago (10m) or a moment; usually from now on',
  },
  secretOption: { zh: '用这个密钥签名；缺省现做一个', en: 'sign with this secret; usually one is made' },
  begun: (url: string, secret: string): Words => ({
    zh: `转发到 ${url}，签名密钥（只在本次有效）：${secret}`,
    en: `Forwarding to ${url}, signed with (for this session): ${secret}`,
  }),
  hint: { zh: 'Ctrl-C 结束。', en: 'Ctrl-C ends it.' },
  again: { zh: '（重发）', en: ' (again)' },
  retry: (seconds: number): Words => ({ zh: `，${seconds} 秒后再试`, en: `, tried again in ${seconds} s` }),
  passedOver: { zh: '，不再试', en: ', not tried again' },
  noAnswer: { zh: '没有答复：', en: 'no answer: ' },
  allTaken: { zh: '结束。全部已送达。', en: 'Ended. Everything was taken.' },
  notTaken: (n: number): Words => ({ zh: `结束。未送达 ${n} 条：`, en: `Ended. Not taken, ${n}:` }),
} as const;
