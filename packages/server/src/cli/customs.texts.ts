import { count } from './layout.ts';
import type { Words } from './answer.ts';

/** Which property separates the stuck from the released. */
export const dimensionNames: Readonly<Record<string, Words>> = {
  hour: { zh: '时段', en: 'the hour' },
  hour_of_day: { zh: '一天中的时段', en: 'the hour of the day' },
  date: { zh: '日期', en: 'the date' },
  account: { zh: '渠道账户', en: 'the channel account' },
  place: { zh: '口岸', en: 'the customs place' },
  split: { zh: '是否拆单', en: 'whether the order is split' },
  carrier: { zh: '承运商（运单号段）', en: 'the carrier (range of waybill numbers)' },
};

export const caveatWords: Readonly<Record<string, Words>> = {
  no_other_channel_to_compare: {
    zh: '没有其他渠道的报关可对照，无法排除口岸整体积压',
    en: 'no declarations of another channel to compare with: a backlog of the whole port cannot be ruled out',
  },
  answer_unsigned: {
    zh: '渠道答复没有可验的签名',
    en: "the channel's answer carries no signature that we could check",
  },
  last_query_in_doubt: { zh: '最近一次查询没有明确答复', en: 'the last query has no clear answer' },
  not_asked_yet: { zh: '尚未向渠道查询', en: 'the channel has not been asked yet' },
};

type Counts = {
  readonly found: number;
  readonly kept: number;
  readonly doubled: number;
  readonly unknown: number;
  readonly bad: number;
};

export const customsTexts = {
  customs: {
    zh: '报关：口岸清单、分诊、重推、重新报关、回执',
    en: 'customs: port lists, triage, re-push, declare anew, receipts',
  },
  importAbout: {
    zh: '导入口岸发来的清单（- 表示标准输入）',
    en: "take a port's list as it is (- reads standard input)",
  },
  asOption: {
    zh: '清单含义：missing 缺支付单（默认）｜status-only 仅状态',
    en: 'what the rows mean: missing (default) | status-only',
  },
  merchantOption: { zh: '商户（只有一个时可省）', en: 'merchant; not needed when there is one' },
  reportsAbout: { zh: '列出已导入的清单', en: 'the lists that were imported' },
  triageAbout: {
    zh: '向渠道查询清单中每一笔，按决策表分诊原因',
    en: 'ask the channel about every member and sort it by cause',
  },
  waitOption: { zh: '最多等多久，如 35m', en: 'how long to wait at most, such as 35m' },
  rebuildAbout: {
    zh: '由事实重算报关状态；默认只比较，--write 才写入',
    en: 'make the states of declarations anew from their facts; compares only, unless --write',
  },
  writeOption: { zh: '写入重算结果（记入审计）', en: 'write what was made anew (goes into the audit trail)' },
  rebuilt: (looked: number, differing: number, written: number): Words => ({
    zh: `比较 ${count(looked)} 笔，${count(differing)} 笔与事实不符，写入 ${count(written)} 笔`,
    en: `${count(looked)} compared, ${count(differing)} differ from their facts, ${count(written)} written`,
  }),
  differs: (orderNo: string, kept: string, made: string): Words => ({
    zh: `${orderNo}  保存的是 ${kept}，由事实得出 ${made}`,
    en: `${orderNo}  kept ${kept}, its facts say ${made}`,
  }),
  receiptsAbout: {
    zh: '导入海关回执文件（CEB412、CEB622）',
    en: 'take receipts of customs from files (CEB412, CEB622)',
  },
  file: (name: string, charset: string, columns: readonly string[]): Words => ({
    zh: `${name}  ${charset}，列：${columns.join(' ') || '按内容识别'}`,
    en: `${name}  ${charset}, columns: ${columns.join(' ') || 'known by their shape'}`,
  }),
  counts: ({ found, kept, doubled, unknown, bad }: Counts): Words => ({
    zh: `共 ${count(found)} 行，保留 ${count(kept)}，重复 ${count(doubled)}，未知订单 ${count(unknown)}，无法识别 ${count(bad)}`,
    en: `${count(found)} rows, ${count(kept)} kept, ${count(doubled)} duplicate, ${count(unknown)} unknown, ${count(bad)} unreadable`,
  }),
  stuck: (stuck: number, released: number): Words => ({
    zh: `滞留 ${count(stuck)} 笔，已放行 ${count(released)} 笔。`,
    en: `${count(stuck)} stuck, ${count(released)} released.`,
  }),
  separated: (name: Words, stuckSide: string, releasedSide: string, exceptions: number): Words => ({
    zh: `区分两者的是${name.zh}：滞留 ${stuckSide}，放行 ${releasedSide}${exceptions > 0 ? `，例外 ${count(exceptions)} 笔` : ''}。`,
    en: `What separates them is ${name.en}: stuck ${stuckSide}, released ${releasedSide}${exceptions > 0 ? `, ${count(exceptions)} exceptions` : ''}.`,
  }),
  notSeparated: { zh: '没有一个属性能区分两者。', en: 'No property separates them.' },
  report: (id: string): Words => ({ zh: `清单编号 ${id}`, en: `Report ${id}` }),
  again: (id: string): Words => ({
    zh: `清单编号 ${id}（同一文件此前已导入，没有重复添加）`,
    en: `Report ${id} (the same file came in before: nothing was added twice)`,
  }),
  unknownNote: (n: number): Words => ({
    zh: `${count(n)} 行的付款不在本系统，已保留；导入付款后自动关联：liushui import payments FILE`,
    en: `${count(n)} rows are of payments that are not known here; they are kept, and tied once these are imported: liushui import payments FILE`,
  }),
  problemHeads: { zh: ['行', '字段', '原文', '问题', '办法'], en: ['line', 'field', 'found', 'rule', 'way out'] },
  moreProblems: (n: number): Words => ({
    zh: `另有 ${count(n)} 个问题，用 --json 查看全部`,
    en: `${count(n)} more; --json lists all of them`,
  }),
  asking: { zh: '向渠道查询', en: 'Asking the channel' },
  stillWaiting: (n: number): Words => ({
    zh: `还有 ${count(n)} 笔没有答复；以下按现有事实分诊，稍后再执行一次即可补齐。`,
    en: `${count(n)} have no answer yet. What follows is judged by what is known; run it once more later.`,
  }),
  clockStands: {
    zh: '模拟时钟是停着的，不会有新的答复。让时间前进：liushui sandbox clock --forward 30m --run',
    en: 'The sandbox clock stands, so no answer can come. Let time pass: liushui sandbox clock --forward 30m --run',
  },
  triageHeads: { zh: ['行号', '原因', '笔数', '办法'], en: ['row', 'cause', 'orders', 'do'] },
  nothingToTriage: { zh: '清单中没有本系统认识的订单。', en: 'The list names no order that is known here.' },
  caveat: (n: number, words: Words): Words => ({
    zh: `注意：${words.zh}（${count(n)} 笔）`,
    en: `Note: ${words.en} (${count(n)} orders)`,
  }),
  receiptsFile: (name: string, type: string, found: number, tied: number): Words => ({
    zh: `${name}  ${type}，回执 ${count(found)} 份，关联 ${count(tied)} 笔`,
    en: `${name}  ${type}, ${count(found)} receipts, ${count(tied)} tied`,
  }),
  receiptsUnknown: (numbers: readonly string[]): Words => ({
    zh: `不认识的号码 ${count(numbers.length)} 个：${numbers.slice(0, 5).join(' ')}`,
    en: `${count(numbers.length)} numbers are not known here: ${numbers.slice(0, 5).join(' ')}`,
  }),
  reportHeads: {
    zh: ['编号', '文件', '导入时间 (GMT+8)', '导入人', '保留', '滞留', '放行'],
    en: ['report', 'file', 'imported (GMT+8)', 'by', 'kept', 'stuck', 'released'],
  },
  noReports: { zh: '还没有导入过口岸清单。', en: 'No port list was imported yet.' },
} as const;
