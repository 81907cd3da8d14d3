import ts from 'typescript';
import { isTest, lineOf } from './rule.ts';
import type { Complaint, SourceText } from './rule.ts';

const functionLinesMax = 70;
const fileLinesMax = 400;

/** What was over the limit once, by `path` or `path:function`, with its lines. It may only shrink. */
export type Ratchet = Readonly<Record<string, number>>;
type Size = { readonly key: string; readonly line: number; readonly lines: number; readonly max: number };

function nameOf(node: ts.FunctionLikeDeclaration, file: ts.SourceFile): string {
  if (node.name) return node.name.getText(file);
  const parent = node.parent;
  return ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name.getText(file) : 'anonymous';
}

function functionSizes(file: ts.SourceFile): readonly Size[] {
  const sizes: Size[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body) {
      const first = lineOf(file, node);
      const lines = file.getLineAndCharacterOfPosition(node.end).line + 2 - first;
      sizes.push({ key: `${file.fileName}:${nameOf(node, file)}`, line: first, lines, max: functionLinesMax });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return sizes;
}

function sizesOf(source: SourceText, file: ts.SourceFile): readonly Size[] {
  const lines = source.text.replace(/\n$/, '').split('\n').length;
  const whole: Size = { key: source.path, line: 0, lines, max: fileLinesMax };
  return isTest(source.path) ? [whole] : [whole, ...functionSizes(file)];
}

function complaint(size: Size, found: string, instead: string): Complaint {
  const [path = size.key] = size.key.split(':');
  return { rule: 'size', path, line: size.line, found, instead };
}

/** Complains about what is over its limit and not in the list, and about a list that is no longer as small as it could be. */
export function sizeComplaints(
  files: readonly { readonly source: SourceText; readonly syntax: ts.SourceFile }[],
  ratchet: Ratchet,
): readonly Complaint[] {
  const over = files.flatMap(({ source, syntax }) => sizesOf(source, syntax)).filter((size) => size.lines > size.max);
  const largest = new Map<string, Size>();
  for (const size of over) if (size.lines > (largest.get(size.key)?.lines ?? 0)) largest.set(size.key, size);
  const grown = [...largest.values()]
    .filter((size) => size.lines > (ratchet[size.key] ?? size.max))
    .map((size) =>
      complaint(size, `${size.key} has ${size.lines} lines`, `split it: at most ${ratchet[size.key] ?? size.max}`),
    );
  const slack = Object.entries(ratchet)
    .filter(([key, lines]) => (largest.get(key)?.lines ?? 0) < lines)
    .map(([key, lines]) => {
      const now = largest.get(key)?.lines;
      const instead = now === undefined ? 'remove the entry: it is within the limit' : `lower the entry to ${now}`;
      const size = { key: 'tools/tidy/ratchet.json', line: 0, lines: 0, max: 0 };
      return complaint(size, `${key} may have ${lines} lines`, instead);
    });
  return [...grown, ...slack];
}
