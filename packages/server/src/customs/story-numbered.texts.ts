import type { Approval } from '../approvals/index.ts';
import type { Plan, PlanCounts } from './plan-store.ts';
import type { Report } from './report-store.ts';
import { both } from '../platform/story/index.ts';
import type { Words } from '../platform/story/index.ts';

const states: ReadonlyMap<string, Words> = new Map([
  ['asked', both('待复核', 'waits for a second person')],
  ['approved', both('已复核，未执行', 'approved, not run')],
  ['refused', both('已拒绝', 'refused')],
  ['lapsed', both('已逾期失效', 'lapsed')],
  ['used', both('已执行', 'carried out')],
  ['running', both('执行中', 'running')],
  ['finished', both('已结束', 'finished')],
  ['stopped', both('已停止', 'stopped')],
  ['open', both('未结', 'open')],
  ['closed', both('已结', 'closed')],
  ['imported', both('已导入', 'imported')],
]);

export const numberedState = (code: string): Words => states.get(code) ?? both(code, code);

const items: ReadonlyMap<string, Words> = new Map([
  ['planned', both('待排', 'planned')],
  ['due', both('待推', 'waiting for their turn')],
  ['pushing', both('推送中', 'being pushed')],
  ['pushed', both('已推待证', 'pushed, evidence awaited')],
  ['judged', both('已判定', 'judged')],
  ['skipped', both('跳过', 'left out')],
  ['refused', both('渠道拒绝', 'refused by the channel')],
]);

function countsIn(lang: 'zh' | 'en', { byState, byEvidence }: PlanCounts): string {
  return [...Object.entries(byState), ...Object.entries(byEvidence)]
    .map(([name, count]) => `${items.get(name)?.[lang] ?? name} ${count}`)
    .join(lang === 'zh' ? '，' : ', ');
}

const short = (digest: string): string => digest.slice(0, 8);

export function planWords({ kind, size, reportId, digest }: Plan, counts: PlanCounts): Words {
  const report = reportId ?? '-';
  return both(
    `${kind === 'repush' ? '重推' : '重新报关'}计划，${size} 笔，清单 ${report}，摘要 ${short(digest)}；${countsIn('zh', counts)}`,
    `${kind === 'repush' ? 're-push' : 'declare-anew'} plan, ${size} declarations, report ${report}, digest ${short(digest)}; ${countsIn('en', counts)}`,
  );
}

export function reportWords({ fileName, rowsKept, separation }: Report, unknown: number): Words {
  const { stuck, released } = separation;
  return both(
    `口岸清单 ${fileName}：${rowsKept} 行，滞留 ${stuck}，放行 ${released}，未知 ${unknown}`,
    `port list ${fileName}: ${rowsKept} rows, ${stuck} stuck, ${released} released, ${unknown} unknown`,
  );
}

export function approvalWords({ command, subject, maker, checker, digest }: Approval): Words {
  const by = checker ?? '-';
  return both(
    `${command} ${subject}，经办 ${maker}，复核 ${by}，摘要 ${short(digest)}`,
    `${command} ${subject}, proposed by ${maker}, decided by ${by}, digest ${short(digest)}`,
  );
}

export const aboutWords = (kind: Words, params: string): Words =>
  both(`${kind.zh}（${params}）`, `${kind.en} (${params})`);
