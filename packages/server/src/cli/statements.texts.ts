import type { Words } from './answer.ts';

export const statementTexts = {
  statements: {
    zh: '渠道对账单：按天取、验证、保存、逐行读取',
    en: 'statements of channels: fetched by day, proved, kept, read',
  },
  listAbout: { zh: '每天、每类对账单的状态，最近的在前', en: 'how each day and kind stands, the newest first' },
  showAbout: { zh: '一份对账单：合计、前几行、各版本', en: 'one statement: totals, first lines, versions' },
  exportAbout: { zh: '导出原文，或统一格式的明细', en: 'write the file as it came, or its lines in our form' },
  fetchAbout: {
    zh: '现在去取；已有的也再取一次，内容不同则另存新版本',
    en: 'ask now, also for what is here; other contents become a version beside it',
  },
  accountOption: { zh: '渠道账户，如 A1', en: 'channel account, such as A1' },
  kindOption: { zh: '类型，如 trade、flow', en: 'kind of file, such as trade or flow' },
  dayOption: { zh: '日期，如 2026-12-01', en: 'day, such as 2026-12-01' },
  fromOption: { zh: '从这天起', en: 'from this day on' },
  toOption: { zh: '到这天为止', en: 'up to this day' },
  missingOption: { zh: '只看到时未取到的', en: 'only those that should be here and are not' },
  linesShownOption: { zh: '显示几行（默认 10）', en: 'how many lines to show (10)' },
  outOption: { zh: '写入文件', en: 'the file to write' },
  asLinesOption: { zh: '写明细，而不是原文', en: 'write the lines instead of the file as it came' },
  reasonOption: { zh: '原文的打开原因，写入审计', en: 'why the file is opened; it goes into the audit trail' },
  waitOption: { zh: '最多等多久（默认 1m）', en: 'wait so long at most (1m)' },
  none: { zh: '没有。', en: 'None.' },
  heads: {
    zh: ['日期', '账户', '类型', '状态', '对账单', '说明'],
    en: ['day', 'account', 'kind', 'state', 'statement', 'why'],
  },
  states: {
    due: { zh: '未到时间', en: 'not due yet' },
    waiting: { zh: '等待', en: 'waiting' },
    received: { zh: '已取到', en: 'here' },
    empty: { zh: '当天无交易', en: 'nothing that day' },
    refused: { zh: '渠道拒绝', en: 'refused' },
  },
  late: { zh: '逾期', en: 'late' },
  more: (shown: number): Words => ({ zh: `只显示前 ${shown} 行`, en: `the first ${shown} are shown` }),
  head: (id: string, day: string, account: string, kind: string, channel: string): Words => ({
    zh: `${id}：${day} ${account}（${channel}）${kind}`,
    en: `${id}: ${day} ${account} (${channel}) ${kind}`,
  }),
  nothing: (at: string, exchange: string): Words => ({
    zh: `渠道于 ${at} 说当天无交易，凭据：交互 ${exchange}`,
    en: `At ${at} the channel said that nothing happened that day; proof: exchange ${exchange}`,
  }),
  file: (at: string, bytes: string, sha256: string, digest: string): Words => ({
    zh: `${at} 取到，${bytes} 字节，SHA-256 ${sha256}，渠道摘要 ${digest}（相符）`,
    en: `fetched ${at}, ${bytes} bytes, SHA-256 ${sha256}, digest of the channel ${digest} (fits)`,
  }),
  version: (version: number, of: number, seen: number): Words => ({
    zh: `第 ${version} 版，共 ${of} 版，同样内容取到 ${seen} 次`,
    en: `version ${version} of ${of}; the same contents came ${seen} times`,
  }),
  unread: (words: Words): Words => ({ zh: `没有读取：${words.zh}`, en: `not read: ${words.en}` }),
  kept: { zh: '这一类只保存原文，不读取。', en: 'Of this kind the file is kept and not read.' },
  sumHeads: { zh: ['类别', '行数', '金额', '手续费', '币种'], en: ['kind', 'lines', 'amount', 'fee', 'currency'] },
  lineHeads: {
    zh: ['行', '时间', '类别', '我方单号', '渠道单号', '金额', '手续费'],
    en: ['line', 'time', 'kind', 'our number', 'their number', 'amount', 'fee'],
  },
  written: (file: string, count: string): Words => ({
    zh: `已写入 ${file}（${count}）`,
    en: `Written to ${file} (${count})`,
  }),
  bytes: (count: string): string => `${count} B`,
} as const;
