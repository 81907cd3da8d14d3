import type { Words } from './answer.ts';

export const approvalsTexts = {
  approvals: { zh: '复核', en: 'approvals: what waits for a second person' },
  listAbout: { zh: '列出复核（默认待处理的）', en: 'list approvals; those that wait by default' },
  allOption: { zh: '包括已处理的', en: 'those that were decided too' },
  showAbout: { zh: '查看冻结的内容', en: 'show what was frozen' },
  approveAbout: { zh: '通过（不能复核自己的）', en: 'approve (never your own)' },
  refuseAbout: { zh: '不通过，须写原因', en: 'refuse, with a reason' },
  heads: {
    zh: ['编号', '对象', '事项', '状态', '经办', '提交 (GMT+8)', '失效 (GMT+8)'],
    en: ['approval', 'about', 'command', 'state', 'asked by', 'asked (GMT+8)', 'lapses (GMT+8)'],
  },
  none: { zh: '没有待复核的事项。', en: 'Nothing waits for a second person.' },
  states: {
    asked: { zh: '待复核', en: 'waits' },
    approved: { zh: '已通过', en: 'approved' },
    refused: { zh: '未通过', en: 'refused' },
    lapsed: { zh: '已失效', en: 'lapsed' },
    used: { zh: '已执行', en: 'used' },
  },
  turn: (id: string, command: string): Words => ({ zh: `${id}：${command}`, en: `${id}: ${command}` }),
  makersTurn: (maker: string): Words => ({
    zh: `还没有执行：请 ${maker} 执行下面的命令。`,
    en: `It has not run yet: ${maker} types the next command.`,
  }),
  othersTurn: (id: string, roles: string): Words => ({
    zh: `${id}：等另一位有 ${roles} 角色的人处理`,
    en: `${id}: waits for another person with the role ${roles}`,
  }),
  digest: (digest: string): Words => ({ zh: `sha256 ${digest}`, en: `sha256 ${digest}` }),
  decided: (id: string, state: Words): Words => ({ zh: `${id}：${state.zh}。`, en: `${id}: ${state.en}.` }),
  reason: (reason: string): Words => ({ zh: `原因：${reason}`, en: `Reason: ${reason}` }),
} as const;
