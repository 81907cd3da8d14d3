import type { Words } from './finding.ts';

export const statementWords = {
  none: { zh: '没有需要取对账单的账户', en: 'no account has statements to be fetched' },
  here: (through: string): Words => ({ zh: `对账单齐全，至 ${through}`, en: `all are here, up to ${through}` }),
  late: (days: number, first: string, why: string): Words => ({
    zh: `${days} 份到时未取到，最早 ${first}${why && `（${why}）`}`,
    en: `${days} should be here and are not, the first of ${first}${why && ` (${why})`}`,
  }),
  unread: (count: number, first: string): Words => ({
    zh: `${count} 份已取到但无法读取，如 ${first}`,
    en: `${count} are here and cannot be read, such as ${first}`,
  }),
  unplanned: (through: string): Words => ({
    zh: `昨天的对账单没有列入计划，最后一天是 ${through}`,
    en: `yesterday was not planned; the last day that was is ${through}`,
  }),
  fetch: {
    zh: '查看 liushui statements list --missing，改好后 liushui statements fetch',
    en: 'Look at liushui statements list --missing, mend it, then liushui statements fetch',
  },
  export: {
    zh: '查看 liushui statements show，见处置单 statement-unreadable',
    en: 'Look at liushui statements show; see the runbook statement-unreadable',
  },
  worker: { zh: '请启动 worker：liushui serve --role worker', en: 'Start a worker: liushui serve --role worker' },
} as const;
