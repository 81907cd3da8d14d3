import { caseKinds } from '../cases/index.ts';
import type { CaseKindName } from '../cases/index.ts';
import { skipWords } from './plan-words.texts.ts';
import { both } from './story.texts.ts';
import type { Words } from './story.texts.ts';
import type { TriageRow } from './triage-table.ts';

export const voices = {
  import: both('导入', 'import'),
  us: both('我方', 'us'),
  port: both('口岸清单', 'port list'),
  customs: both('海关回执', 'customs receipt'),
  operator: both('操作人员', 'operator'),
  triage: both('分诊', 'triage'),
} as const;

export const toChannel = (channel: Words): Words => both(`我方→${channel.zh}`, `us→${channel.en}`);
export const fromChannel = (channel: Words): Words => both(`${channel.zh}→我方`, `${channel.en}→us`);
export const ofPlan = (id: string): Words => both(`计划 ${id}`, `plan ${id}`);
export const ofCase = (id: string): Words => both(`差错单 ${id}`, `case ${id}`);
export const ofPerson = (actor: string, door: string): Words => both(`${actor}（${door}）`, `${actor} (${door})`);

export const ofPack = (id: string): Words => both(`证据包 ${id}`, `evidence pack ${id}`);
export const packedWords = (receiver: string, position: number, size: number): Words =>
  both(
    `列入给 ${receiver} 的证据包，第 ${position} 笔，共 ${size} 笔`,
    `put into the evidence pack for ${receiver}, number ${position} of ${size}`,
  );
export const packSentWords = (receiver: string, note: string): Words =>
  both(`已交给 ${receiver}：“${note}”`, `handed to ${receiver}: "${note}"`);

export const callWords = (what: Words, tryNo: number, end: Words): Words =>
  both(`${what.zh}，第 ${tryNo} 次：${end.zh}`, `${what.en}, try ${tryNo}: ${end.en}`);

type Ended = 'answered' | 'silent' | 'unsent' | 'lost' | undefined;

export function endWords(ended: Ended, why: string, httpStatus: number | undefined): Words {
  const because = why === '' ? both('', '') : both(`（${why}）`, ` (${why})`);
  const status = httpStatus ?? '?';
  switch (ended) {
    case undefined:
      return both('尚无应答', 'no answer yet');
    case 'answered':
      return both(`已应答，HTTP ${status}，内容与之前相同`, `answered, HTTP ${status}, nothing new in it`);
    case 'silent':
      return both(`没有应答，结果未知${because.zh}`, `no answer, the result is unknown${because.en}`);
    case 'unsent':
      return both(`没有发出${because.zh}`, `nothing was sent${because.en}`);
    case 'lost':
      return both(`应答丢失，结果未知${because.zh}`, `the answer was lost, the result is unknown${because.en}`);
  }
}

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

export function caseWords(kind: string): Words {
  return Object.hasOwn(caseKinds, kind) ? caseKinds[kind as CaseKindName] : both(kind, kind);
}

export function caseActWords(act: 'opened' | 'closed', kind: string): Words {
  const words = caseWords(kind);
  return both(`${act === 'opened' ? '开立' : '关闭'}：${words.zh}`, `${act}: ${words.en}`);
}

const actWords: ReadonlyMap<string, Words> = new Map([
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
  ['approval.asked', both('提交复核', 'asked for a second person')],
  ['approval.approved', both('复核通过', 'approved')],
  ['approval.refused', both('复核拒绝', 'refused')],
  ['approval.used', both('开始执行', 'started it')],
  ['approval.lapsed', both('复核逾期失效', 'the request lapsed')],
  ['case.closed', both('关闭差错单', 'closed the case')],
]);

export function personActWords(act: string, subject: string, reason: string): Words {
  const words = actWords.get(act) ?? both(act, act);
  const why = reason === '' ? both('', '') : both(`：“${reason}”`, `: "${reason}"`);
  return both(`${words.zh} ${subject}${why.zh}`, `${words.en}: ${subject}${why.en}`);
}
