import type { RowProblem } from '../platform/tables/index.ts';
import type { Words } from './answer.ts';
import { customsTexts as t } from './customs.texts.ts';
import { table } from './layout.ts';

const problemsShown = 12;

export function problemLines(problems: readonly RowProblem[]): Words[] {
  if (problems.length === 0) return [];
  const shown = problems.slice(0, problemsShown);
  const zh = shown.map((one) => [String(one.line), one.field, one.found, one.ruleZh, one.wayOutZh]);
  const en = shown.map((one) => [String(one.line), one.field, one.found, one.ruleEn, one.wayOutEn]);
  const zhLines = table([t.problemHeads.zh, ...zh], [0]);
  const enLines = table([t.problemHeads.en, ...en], [0]);
  const lines = zhLines.map((line, index) => ({ zh: line, en: enLines[index] ?? '' }));
  return problems.length > shown.length ? [...lines, t.moreProblems(problems.length - shown.length)] : lines;
}

export function problemJson(problem: RowProblem): Record<string, unknown> {
  const { line, field, code, found, ruleZh: zh, ruleEn: en, wayOutZh, wayOutEn } = problem;
  return { line, field, code, found, zh, en, way_out: { zh: wayOutZh, en: wayOutEn } };
}
