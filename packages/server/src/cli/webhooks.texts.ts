import type { Words } from './answer.ts';

export const webhooksTexts = {
  group: {
    zh: '通知商户系统（webhook）：地址须两人，签名按 Standard Webhooks',
    en: "webhooks to the merchant's systems: two people choose the address; signed as Standard Webhooks says",
  },
  addAbout: { zh: '提出一个通知地址；密钥只显示这一次', en: 'propose an address; its secret is shown this once' },
  approveAbout: { zh: '复核通过（不能复核自己的）', en: 'approve (never your own)' },
  refuseAbout: { zh: '复核不通过，须写原因', en: 'refuse, with a reason' },
  listAbout: { zh: '列出地址，及待发和未送达的消息数', en: 'list addresses, with what waits and what is dead' },
  logAbout: {
    zh: '消息与每次尝试，最新在前；可只看一个地址（W-1）或一条消息（msg_…）',
    en: 'messages and every try, newest first; of one endpoint (W-1) or one message (msg_…)',
  },
  redeliverAbout: {
    zh: '重发一条消息（msg_…），或一个地址的全部死信（W-1）；编号不变',
    en: 'send a message (msg_…) again, or all dead ones of an endpoint (W-1), under the same ids',
  },
  rotateAbout: {
    zh: '换密钥：重叠期内两个都签；新密钥只显示这一次',
    en: 'replace the secret: both sign during the overlap; the new one is shown this once',
  },
  testAbout: { zh: '立即发一条 webhook.test，显示对方的答复', en: 'send webhook.test at once and show the answer' },
  offAbout: { zh: '停用一个地址；待发的消息不再发送', en: 'switch an address off; what waits is not sent' },
  typesOption: { zh: '消息类型，逗号分隔；不写即全部', en: 'types of event, separated by commas; all unless told' },
  stateOption: { zh: '只看 waiting、delivered 或 dead', en: 'only waiting, delivered or dead' },
  overlapOption: {
    zh: '旧密钥还用多久，如 24h（缺省）',
    en: 'how long the old secret still signs, such as 24h (usual)',
  },
  limitOption: { zh: '最多几条（缺省 20）', en: 'at most so many (usually 20)' },
  states: {
    asked: { zh: '待复核', en: 'asked' },
    live: { zh: '启用', en: 'live' },
    refused: { zh: '未通过', en: 'refused' },
    off: { zh: '停用', en: 'off' },
    waiting: { zh: '待发', en: 'waiting' },
    delivered: { zh: '已送达', en: 'delivered' },
    dead: { zh: '未送达', en: 'dead' },
  },
  every: { zh: '全部', en: 'all' },
  heads: {
    zh: ['编号', '商户', '状态', '类型', '待发', '未送达', '最近送达 (GMT+8)', '地址'],
    en: ['endpoint', 'merchant', 'state', 'types', 'waiting', 'dead', 'last delivered (GMT+8)', 'address'],
  },
  none: { zh: '还没有通知地址。', en: 'There is no webhook endpoint yet.' },
  logHeads: {
    zh: ['消息', '类型', '对象', '编号', '状态', '次数', '发生 (GMT+8)', '下次 (GMT+8)'],
    en: ['message', 'type', 'about', 'endpoint', 'state', 'tries', 'happened (GMT+8)', 'next try (GMT+8)'],
  },
  logNone: { zh: '没有消息。', en: 'There are no messages.' },
  unheard: { zh: '没有听到结果（进程中断）', en: 'its end was not heard: the process died' },
  proposed: (approval: string, id: string, url: string): Words => ({
    zh: `复核 ${approval}：${id} → ${url}。还没有启用。请另一人复核：`,
    en: `Approval ${approval}: ${id} → ${url}. It is not live yet. A second person:`,
  }),
  secret: (secret: string): Words => ({
    zh: `密钥（只显示这一次）：${secret}`,
    en: `Secret (shown this once): ${secret}`,
  }),
  live: (id: string, url: string): Words => ({
    zh: `${id} 已启用：从现在起的消息发往 ${url}`,
    en: `${id} is live: what happens from now on is told to ${url}`,
  }),
  refused: (id: string): Words => ({ zh: `${id} 未通过，不会启用。`, en: `${id} was refused and does not go live.` }),
  rotated: (id: string, until: string): Words => ({
    zh: `${id} 已换密钥；旧密钥同时签名到 ${until} (GMT+8)`,
    en: `${id} has a new secret; the old one signs too until ${until} (GMT+8)`,
  }),
  off: (id: string): Words => ({ zh: `${id} 已停用。`, en: `${id} is off.` }),
  redelivered: (count: number): Words => ({
    zh: `${count} 条消息将立即重发，编号不变。`,
    en: `${count} ${count === 1 ? 'message is' : 'messages are'} sent again at once, under the same ids.`,
  }),
  tested: (id: string, said: string, ms: number | undefined, delivered: boolean): Words => ({
    zh: `${id}：${delivered ? '已送达' : '没有送达'}，${said}${ms === undefined ? '' : `，${ms} 毫秒`}`,
    en: `${id}: ${delivered ? 'delivered' : 'not delivered'}, ${said}${ms === undefined ? '' : ` in ${ms} ms`}`,
  }),
} as const;
