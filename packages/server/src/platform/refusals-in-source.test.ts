import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { entryOf, placeholdersOf, refusalCodes } from './refusals.ts';

type Used = { readonly where: string; readonly code: string; readonly params: readonly string[] | undefined };

/** Every refusal that is written down in the source: `refuse('code', {…})` and `{ code: 'code', params: {…} }`. */
function refusalsUsedIn(path: string, text: string): Used[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const used: Used[] = [];
  const note = (node: ts.Node, code: ts.Expression | undefined, params: ts.Expression | undefined): void => {
    if (!code || !ts.isStringLiteral(code)) return;
    const where = `${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    used.push({ where, code: code.text, params: params ? namesIn(params) : [] });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^refuse/.test(node.expression.getText()))
      note(node, node.arguments[0], node.arguments[1]);
    if (ts.isObjectLiteralExpression(node) && propertyOf(node, 'params'))
      note(node, propertyOf(node, 'code'), propertyOf(node, 'params'));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return used;
}

function propertyOf(node: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  const found = node.properties.find((each) => each.name?.getText() === name);
  return found && ts.isPropertyAssignment(found) ? found.initializer : undefined;
}

/** Undefined when the parameters are not written out in place. */
function namesIn(params: ts.Expression): string[] | undefined {
  if (!ts.isObjectLiteralExpression(params) || params.properties.some(ts.isSpreadAssignment)) return undefined;
  return params.properties.map((each) => each.name?.getText() ?? '');
}

function problemsOf({ where, code, params }: Used): string[] {
  if (!(refusalCodes as string[]).includes(code)) return [`${where}: ${code} is not in the catalogue`];
  const { en, wayOutEn } = entryOf(code);
  const needed = [...new Set(placeholdersOf((en + wayOutEn).replace(/\[[^\]]*\]/g, '')))].sort();
  const missing = params ? needed.filter((name) => !params.includes(name)) : [];
  return missing.map((name) => `${where}: ${code} needs the parameter ${name}`);
}

test('every refusal in the source is in the catalogue and brings what its sentences need', () => {
  const root = join(import.meta.dirname, '..');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .filter((file) => !file.startsWith('kernel'));
  const used = files.flatMap((file) => refusalsUsedIn(file, readFileSync(join(root, file), 'utf8')));
  expect(used.length).toBeGreaterThan(10);
  expect(used.flatMap(problemsOf)).toEqual([]);
});

test('the check of the source sees an unknown code and a missing parameter', () => {
  const text = `refuse('import.nowhere'); refuse('import.charset', { line }); const r = { code: 'account.exists', params: {} };`;
  expect(refusalsUsedIn('x.ts', text).flatMap(problemsOf)).toEqual([
    'x.ts:1: import.nowhere is not in the catalogue',
    'x.ts:1: import.charset needs the parameter charset',
    'x.ts:1: account.exists needs the parameter account',
  ]);
});
