import ts from 'typescript';
import { isProduct, isServer, isTest, isTool } from './rule.ts';
import type { CodeRule } from './rule.ts';

const isClockFile = (path: string): boolean =>
  /^packages\/server\/src\/platform\/(clock|ids)[^/]*\.ts$/.test(path) ||
  /^packages\/simulator\/src\/clock[^/]*\.ts$/.test(path);

/** The launcher waits for another program's files and starts it with this environment: no Clock moves those. */
const isLauncher = (path: string): boolean => /^packages\/server\/src\/platform\/postgres[^/]*\.ts$/.test(path);

function callText(node: ts.Node): string | undefined {
  return ts.isCallExpression(node) ? node.expression.getText() : undefined;
}

const clock: CodeRule = {
  name: 'clock',
  appliesTo: (path) => isProduct(path) && !isClockFile(path),
  look(node, report) {
    if (callText(node) === 'Date.now') report(node, 'Date.now()', 'take a Clock and call clock.now()');
    if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments ?? []).length === 0)
      report(node, 'new Date()', 'take a Clock and call clock.now()');
  },
};

const random: CodeRule = {
  name: 'random',
  appliesTo: (path) => isProduct(path) && !isClockFile(path),
  look(node, report) {
    if (callText(node) === 'Math.random')
      report(node, 'Math.random()', 'take the ids or a seeded source from platform/ids');
  },
};

/** `new Promise((done) => setTimeout(done, ms))`: a timer whose only act is to settle the promise around it. */
function isSleep(timer: ts.CallExpression): boolean {
  const callback = timer.arguments[0];
  const call = callback && ts.isArrowFunction(callback) ? callback.body : undefined;
  const settles = call && ts.isCallExpression(call) ? call.expression : callback;
  for (let up: ts.Node = timer.parent; !ts.isSourceFile(up); up = up.parent)
    if (ts.isArrowFunction(up) && ts.isNewExpression(up.parent) && up.parent.expression.getText() === 'Promise')
      return up.parameters[0]?.name.getText() === settles?.getText();
  return false;
}

const sleep: CodeRule = {
  name: 'sleep',
  appliesTo: (path) => isProduct(path) && !isClockFile(path) && !isLauncher(path),
  look(node, report) {
    const instead = 'take the AppClock and call clock.sleepUntil(at), so that a test can move it';
    if (ts.isCallExpression(node) && callText(node) === 'setTimeout' && isSleep(node))
      report(node, 'setTimeout as sleep', instead);
    if (ts.isImportDeclaration(node) && /timers\/promises/.test(node.moduleSpecifier.getText()))
      report(node, 'node:timers/promises', instead);
  },
};

const environment: CodeRule = {
  name: 'environment',
  appliesTo: (path) => isProduct(path) && path !== 'packages/server/src/platform/config.ts' && !isLauncher(path),
  look(node, report) {
    if (ts.isPropertyAccessExpression(node) && node.getText() === 'process.env')
      report(node, 'process.env', 'read it in platform/config.ts and pass the value in');
  },
};

const consoleRule: CodeRule = {
  name: 'console',
  appliesTo: (path) => isProduct(path) && !path.startsWith('packages/server/src/cli/'),
  look(node, report) {
    if (ts.isPropertyAccessExpression(node) && node.expression.getText() === 'console')
      report(node, node.getText(), 'take the Logger; people are spoken to in cli/ only');
  },
};

const mayReveal =
  /^packages\/server\/src\/(channels\/[^/]+\/(.+\/)?sign[^/]*\.ts|platform\/(seal|keys|transport)[^/]*\.ts|identity\/.+)$/;

const reveal: CodeRule = {
  name: 'reveal',
  appliesTo: (path) => isProduct(path) && isServer(path) && !mayReveal.test(path),
  look(node, report) {
    if (
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      node.expression.name.text === 'reveal'
    )
      report(node, '.reveal()', 'pass the Secret on; only sign.ts, sealing, the transport and identity/ open it');
  },
};

const toFixed: CodeRule = {
  name: 'to-fixed',
  appliesTo: (path) => !isTest(path),
  look(node, report) {
    if (ts.isPropertyAccessExpression(node) && node.name.text === 'toFixed')
      report(node, '.toFixed()', 'write money with the kernel (bigint), other figures with Intl.NumberFormat');
  },
};

const vague = /manager|helper|util/i;
const exactly = new Set(['data', 'info', 'process', 'handle']);
const nameInstead = 'name the subject or the verb: what is it about, what does it do';

const isVagueName = (name: string): boolean => vague.test(name) || exactly.has(name);

function exportedNames(node: ts.Node): readonly ts.Node[] {
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  if (!modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)) return [];
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map((declaration) => declaration.name);
  const named = node as ts.DeclarationStatement;
  return named.name ? [named.name] : [];
}

const names: CodeRule = {
  name: 'names',
  appliesTo: (path) => isProduct(path) || isTool(path),
  look(node, report, file) {
    const base =
      file.fileName
        .split('/')
        .at(-1)
        ?.replace(/\.[cm]?[jt]s$/, '') ?? '';
    if (ts.isSourceFile(node) && isVagueName(base)) report(node, `file name ${base}`, nameInstead);
    for (const name of exportedNames(node))
      if (isVagueName(name.getText())) report(name, `exported name ${name.getText()}`, nameInstead);
  },
};

const mayHoldSql =
  /^packages\/server\/(migrations\/|src\/(platform|app)\/|src\/.*\bstore(-[a-z-]+)?\.ts$|src\/.*-store\.ts$)/;
/** In capitals anywhere; in small letters only as a whole text with a sign of SQL in it, because prose selects things from lists too. */
const capitals =
  /\b(SELECT\s[\s\S]+\sFROM\s+[\w"$(]|INSERT\s+INTO\s+[\w"$]|UPDATE\s+[\w"$.]+\s+([Aa][Ss]\s+\w+\s+)?SET\s|DELETE\s+FROM\s+[\w"$])/;
const smallLetters =
  /^\s*(with\s[\s\S]+\sas\s*\(|select\s[\s\S]+\sfrom\s+[\w"$(]|insert\s+into\s+[\w"$]|update\s+[\w"$.]+\s+set\s|delete\s+from\s+[\w"$])/;
const isSql = (text: string): boolean => capitals.test(text) || (smallLetters.test(text) && /[*=($\n]/.test(text));

/** A template literal is one node with holes; `$` stands for each hole. */
function templateText(node: ts.Node): string | undefined {
  if (ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map((span) => `$${span.literal.text}`).join('');
}

const sql: CodeRule = {
  name: 'sql',
  appliesTo: (path) => isProduct(path) && isServer(path) && !mayHoldSql.test(path),
  look(node, report) {
    const text = templateText(node) ?? (ts.isStringLiteral(node) ? node.text : undefined);
    if (text !== undefined && isSql(text)) report(node, 'SQL', "move the statement into the folder's store.ts");
  },
};

const han = /\p{Script=Han}/u;
const mayHoldChinese = new RegExp(
  '^packages/server/src/(platform/refusals|channels/|api/.*pages?\\b|.*\\.texts\\.ts$|.*\\.data\\.ts$|.*\\b(catalogue|headings|codes|data|texts|rows|table)[^/]*\\.ts$|.*/data/)',
);

const chinese: CodeRule = {
  name: 'chinese',
  appliesTo: (path) => isProduct(path) && isServer(path) && !mayHoldChinese.test(path),
  look(node, report) {
    const text = templateText(node) ?? (ts.isStringLiteral(node) ? node.text : undefined);
    if (text !== undefined && han.test(text))
      report(
        node,
        'Chinese text in code',
        'put it into the refusal catalogue, a *.texts.ts or a *.data.ts file, beside its English',
      );
  },
};

export const codeRules: readonly CodeRule[] = [
  clock,
  random,
  sleep,
  environment,
  consoleRule,
  reveal,
  toFixed,
  names,
  sql,
  chinese,
];
