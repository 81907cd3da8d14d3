import ts from 'typescript';

/** One file of the tree; the path is relative to the root and uses forward slashes. */
export type SourceText = { readonly path: string; readonly text: string };

export type Complaint = {
  readonly rule: string;
  readonly path: string;
  /** First line is 1; 0 when the whole file is meant. */
  readonly line: number;
  readonly found: string;
  /** What to write instead. */
  readonly instead: string;
};

export type Report = (at: ts.Node, found: string, instead: string) => void;

/** A rule over the syntax of one file: `look` sees every node. */
export type CodeRule = {
  readonly name: string;
  readonly appliesTo: (path: string) => boolean;
  readonly look: (node: ts.Node, report: Report, file: ts.SourceFile) => void;
};

export const isTest = (path: string): boolean =>
  path.endsWith('.test.ts') || /^packages\/[^/]+\/test\//.test(path) || path.includes('/test-support/');
export const isTool = (path: string): boolean => /^(tools\/|bin\/|packages\/[^/]+\/bin\/|[^/]+\.c?[jt]s$)/.test(path);
export const isServer = (path: string): boolean => path.startsWith('packages/server/src/');
const isSimulator = (path: string): boolean => path.startsWith('packages/simulator/src/');
const isSdk = (path: string): boolean => path.startsWith('packages/sdk/src/');
export const isProduct = (path: string): boolean =>
  (isServer(path) || isSimulator(path) || isSdk(path)) && !isTest(path) && path.endsWith('.ts');

export function parse(file: SourceText): ts.SourceFile {
  return ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ESNext, true);
}

export function lineOf(file: ts.SourceFile, node: ts.Node): number {
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}
