import { defineRefusals } from '../catalogue.ts';

const asIs = { money: 'not_moved', retry: 'change_input', http: 422 } as const;
const kept = {
  wayOutZh: '原文已保存，可导出：liushui statements export --reason "..."',
  wayOutEn: 'The file is kept as it came: liushui statements export --reason "..."',
};
const ours = { wayOutZh: '请核对账户和日期', wayOutEn: 'Check account and day' };

/** What stands against a statement: against asking for it, and against reading it. */
export const statementRefusals = defineRefusals({
  'statement.not_found': {
    ...{ ...asIs, http: 404, title: 'No such statement' },
    zh: '没有对账单 {statement}。',
    en: 'There is no statement {statement}.',
    wayOutZh: '请用 liushui statements list 查看',
    wayOutEn: 'List them: liushui statements list',
  },
  'statement.none_at_channel': {
    ...{ ...asIs, http: 409, title: 'No statement of this channel can be fetched' },
    zh: '账户 {account} 的渠道没有程序可下载的对账单。没有发送。',
    en: 'This program fetches no statements of the channel of account {account}. Nothing was asked for.',
    wayOutZh: '请在渠道的商户网站下载',
    wayOutEn: "Download them from the channel's site for merchants",
  },
  'statement.kind_unknown': {
    ...{ ...asIs, title: 'No such kind of statement' },
    zh: '这个账户没有对账单类型 {kind}。没有发送。',
    en: 'The account has no statement of kind {kind}. Nothing was asked for.',
    wayOutZh: '可用的类型：{known}',
    wayOutEn: 'Kinds: {known}',
  },
  'statement.day_unfit': {
    ...{ ...asIs, title: 'No day that can be asked for' },
    zh: '{day} 的对账单现在取不到：可取 {from} 至 {to}[；当天的自 {readyAt|time} 起可取]。没有发送。',
    en: 'A statement of {day} cannot be had now: from {from} to {to}[; that of the day asked for from {readyAt|time} on]. Nothing was asked for.',
    ...ours,
  },
  'statement.unreadable_now': {
    ...{ money: 'not_moved', retry: 'never', http: 410, title: 'The file can no longer be opened' },
    zh: '对账单 {statement} 的原文已无法打开：{why}。',
    en: 'The file of statement {statement} can no longer be opened: {why}.',
    wayOutZh: '请向渠道重新取这一天：liushui statements fetch',
    wayOutEn: 'Fetch the day again: liushui statements fetch',
  },
  'statement.reason_missing': {
    ...{ ...asIs, title: 'Say why' },
    zh: '对账单原文含付款人的资料，打开须写明原因。没有打开。',
    en: 'The file of a statement tells of payers: opening it needs a reason, for the audit trail. It was not opened.',
    wayOutZh: '请加上 --reason（API：reason 参数），写一句话；只看明细用 --lines',
    wayOutEn: 'Add --reason (API: the parameter reason) with one sentence; for the lines alone: --lines',
  },
  'statement.heading_unknown': {
    ...{ ...asIs, title: 'The statement has columns that we do not know' },
    zh: '第 {row} 行的列名无法识别或缺少：{column}。没有读取任何一行。',
    en: 'Line {row} has a column that we do not know, or lacks one: {column}. No line was read.',
    ...kept,
  },
  'statement.cell_unfit': {
    ...{ ...asIs, title: 'A value of the statement cannot be read' },
    zh: '第 {row} 行的“{column}”写的是“{found}”，无法读取。没有读取任何一行。',
    en: 'Line {row}, column {column}: "{found}" cannot be read. No line was read.',
    ...kept,
  },
  'statement.totals_differ': {
    ...{ ...asIs, title: 'The totals of the statement do not fit its lines' },
    zh: '第 {row} 行的“{column}”写的是 {found}，逐行相加得 {counted}。没有读取任何一行。',
    en: 'Line {row}, {column}: the file says {found}, its lines add up to {counted}. No line was read.',
    ...kept,
  },
  'statement.not_whole': {
    ...{ ...asIs, title: 'The statement is not whole' },
    zh: '对账单不完整，第 {row} 行：{problem}。没有读取任何一行。',
    en: 'The statement is not whole, line {row}: {problem}. No line was read.',
    ...kept,
  },
  'statement.other_account': {
    ...{ ...asIs, title: "Another account's statement" },
    zh: '第 {row} 行属于另一个商户号：{found}。没有读取任何一行。',
    en: 'Line {row} belongs to another merchant number: {found}. No line was read.',
    ...kept,
  },
  'statement.other_day': {
    ...{ ...asIs, title: 'A statement of another day' },
    zh: '第 {row} 行是 {found} 的，这一天是 {day}。没有读取任何一行。',
    en: 'Line {row} is of {found}, and the day is {day}. No line was read.',
    ...kept,
  },
});
