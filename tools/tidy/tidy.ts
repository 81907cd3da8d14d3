import ts from 'typescript';
import { codeRules } from './code-rules.ts';
import { isTool, lineOf, parse } from './rule.ts';
import type { Complaint, SourceText } from './rule.ts';
import { sizeComplaints } from './sizes.ts';
import type { Ratchet } from './sizes.ts';
import { dependencyComplaints, machinePathComplaints } from './text-rules.ts';

type Allowance = { readonly line: number; readonly rule: string; readonly reason: string };

function codeComplaints(file: ts.SourceFile): readonly Complaint[] {
  const rules = codeRules.filter((rule) => rule.appliesTo(file.fileName));
  const complaints: Complaint[] = [];
  const visit = (node: ts.Node): void => {
    for (const rule of rules)
      rule.look(
        node,
        (at, found, instead) =>
          complaints.push({ rule: rule.name, path: file.fileName, line: lineOf(file, at), found, instead }),
        file,
      );
    ts.forEachChild(node, visit);
  };
  visit(file);
  return complaints;
}

function allowancesIn(source: SourceText): readonly Allowance[] {
  return source.text.split('\n').flatMap((text, index) => {
    const match = /^\s*\/\/ tidy-allow ([a-z-]+):\s*(.*)$/.exec(text);
    return match ? [{ line: index + 1, rule: match[1] ?? '', reason: match[2] ?? '' }] : [];
  });
}

/** Takes out what the line before allows, and complains of allowances that give no reason or allow nothing. */
function withAllowances(source: SourceText, complaints: readonly Complaint[]): readonly Complaint[] {
  const allowances = allowancesIn(source);
  const covers = (allowance: Allowance, complaint: Complaint): boolean =>
    allowance.rule === complaint.rule && allowance.line + 1 === complaint.line;
  const left = complaints.filter((complaint) => !allowances.some((allowance) => covers(allowance, complaint)));
  const wrong = allowances.flatMap((allowance) => {
    const at = { rule: 'allowance', path: source.path, line: allowance.line };
    if (!complaints.some((complaint) => covers(allowance, complaint)))
      return [{ ...at, found: `tidy-allow ${allowance.rule}`, instead: 'remove it: the next line needs no exception' }];
    if (allowance.reason.trim().length < 10)
      return [{ ...at, found: `tidy-allow ${allowance.rule}`, instead: 'give the reason after the colon' }];
    return [];
  });
  return [...left, ...wrong];
}

const isCode = (path: string): boolean =>
  /\.(ts|js|cjs)$/.test(path) && (path.startsWith('packages/') || isTool(path)) && !path.includes('/fixtures/');

/** All house rules over all files of the tree. Pure, so that each rule is tested with a few lines of text. */
export function tidy(sources: readonly SourceText[], ratchet: Ratchet): readonly Complaint[] {
  const code = sources.filter(({ path }) => isCode(path)).map((source) => ({ source, syntax: parse(source) }));
  const byFile = sources.flatMap((source) => {
    const syntax = code.find((file) => file.source === source)?.syntax;
    return withAllowances(source, [...(syntax ? codeComplaints(syntax) : []), ...machinePathComplaints(source)]);
  });
  return [...byFile, ...sizeComplaints(code, ratchet), ...dependencyComplaints(sources)];
}

export function complaintLine(complaint: Complaint): string {
  const place = complaint.line === 0 ? complaint.path : `${complaint.path}:${complaint.line}`;
  return `${place}: ${complaint.found}   <- ${complaint.instead} (${complaint.rule})`;
}
