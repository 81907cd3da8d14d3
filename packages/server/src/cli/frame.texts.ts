/** Words around every answer. */
export const frame = {
  next: { zh: '下一步：', en: 'next:' },
  refused: { zh: '拒绝', en: 'refused' },
  badInput: { zh: '输入有误', en: 'bad input' },
  failed: { zh: '失败', en: 'failed' },
  interrupted: {
    zh: '已停下；已提交的不会丢失，服务器上的任务照常进行。',
    en: 'Stopped here; what was committed is kept, and what runs on the server goes on.',
  },
  look: { zh: '查看：', en: 'look:' },
  options: { zh: '只输出一份 JSON', en: 'one JSON document on stdout' },
} as const;
