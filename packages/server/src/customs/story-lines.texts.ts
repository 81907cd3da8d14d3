import { both } from '../platform/story/index.ts';
import type { Words } from '../platform/story/index.ts';
import { skipWords } from './plan-words.texts.ts';
import type { TriageRow } from './triage-table.ts';

export const voices = {
  import: both('导入', 'import'),
  us: both('我方', 'us'),
  port: both('口岸清单', 'port list'),
  customs: both('海关回执', 'customs receipt'),
  operator: both('操作人员', 'operator'),
  triage: both('分诊', 'triage'),
} as const;

export const ofPlan = (id: string): Words => both(`计划 ${id}`, `plan ${id}`);
export const ofPack = (id: string): Words => both(`证据包 ${id}`, `evidence pack ${id}`);
export const packedWords = (receiver: string, position: number, size: number): Words =>
  both(
    `列入给 ${receiver} 的证据包，第 ${position} 笔，共 ${size} 笔`,
    `put into the evidence pack for ${receiver}, number ${position} of ${size}`,
  );
export const packSentWords = (receiver: string, note: string): Words =>
  both(`已交给 ${receiver}：“${note}”`, `handed to ${receiver}: "${note}"`);

/** `refused`: by the channel, with its own code as the reason. */
export function leftOutWords(state: 'skipped' | 'refused', why: string): Words {
  const reason = skipWords(why);
  return state === 'skipped'
    ? both(`跳过：${reason.zh}`, `left out: ${reason.en}`)
    : both(`渠道拒绝：${reason.zh}`, `refused by the channel: ${reason.en}`);
}

const planKinds = { repush: both('重推', 're-push'), declare_anew: both('重新报关', 'declare-anew') } as const;

export const plannedWords = (kind: keyof typeof planKinds, position: number, size: number): Words =>
  both(
    `列入${planKinds[kind].zh}计划，第 ${position} 笔，共 ${size} 笔；尚未发送`,
    `put into the ${planKinds[kind].en} plan, number ${position} of ${size}; nothing sent yet`,
  );

export function judgedWords(
  pushes: number,
  level: string,
  meaning: Words,
  reasons: readonly Words[],
  unsigned: boolean,
): Words {
  const zh = reasons.length === 0 ? '' : `（${reasons.map((reason) => reason.zh).join('、')}）`;
  const en = reasons.length === 0 ? '' : ` (${reasons.map((reason) => reason.en).join(', ')})`;
  const signed = unsigned ? both('；依据未签名的应答', '; it rests on an unsigned answer') : both('', '');
  return both(
    `推送 ${pushes} 次，证据 ${level}：${meaning.zh}${zh}${signed.zh}`,
    `pushed ${pushes} times, evidence ${level}: ${meaning.en}${en}${signed.en}`,
  );
}

export function verdictWords(row: TriageRow | undefined): Words {
  if (!row || row.row === '-') return both('无需处理', 'nothing to do');
  return both(`第 ${row.row} 行：${row.causeZh}；${row.doZh}`, `row ${row.row}: ${row.causeEn}; ${row.doEn}`);
}

/** What people do with plans, lists and packs. */
export const customsActs: ReadonlyMap<string, Words> = new Map([
  ['customs.imported', both('导入口岸清单', 'imported the port list')],
  ['customs.receipts_imported', both('导入海关回执', 'imported customs receipts')],
  ['customs.triaged', both('开始分诊', 'started the triage')],
  ['customs.repush_proposed', both('提出重推', 'proposed the re-push')],
  ['customs.declare_anew_proposed', both('提出重新报关', 'proposed to declare anew')],
  ['customs.number_rule_proposed', both('提出报关订单号规则', 'proposed the number rule')],
  ['customs.number_rule_chosen', both('选定报关订单号规则', 'chose the number rule')],
  ['payments.imported', both('导入付款', 'imported payments')],
  ['customs.evidence_made', both('生成证据包', 'made the evidence pack')],
  ['customs.evidence_sent', both('交出证据包', 'handed over the evidence pack')],
  ['customs.replies_imported', both('导入答复', 'imported the answer to')],
]);
