import type { Words } from './answer.ts';

export const consentTexts = {
  approvalOption: {
    zh: '已通过的复核编号（生产环境须两人）',
    en: 'the approval that a second person gave (production)',
  },
  reasonOption: { zh: '原因，记入审计', en: 'reason, kept in the audit trail' },
  asked: (approval: string, command: string): Words => ({
    zh: `须两人：已提交复核 ${approval}，还没有执行。另一人通过后，再执行同一命令并加 --approval ${approval}（${command}；届时 liushui approvals list 会列出）`,
    en: `This takes two people: ${approval} was asked and nothing was done yet. Once approved, run the same command with --approval ${approval} (${command}; liushui approvals list prints it then)`,
  }),
} as const;
