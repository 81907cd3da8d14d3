import type { Command } from 'commander';
import { done } from '../kernel/index.ts';
import { importPayments } from '../customs/index.ts';
import type { AdoptedFile } from '../customs/index.ts';
import { explain } from '../platform/refusals.ts';
import type { Answer } from './answer.ts';
import { customsTexts } from './customs.texts.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { problemJson, problemLines } from './row-problems.ts';
import { paymentsTexts as t } from './payments.texts.ts';
import { accountMeant, merchantMeant, readInput } from './scope.ts';
import { firstArg, text } from './session.ts';
import type { Options, Run } from './session.ts';

export function importCommands(kit: Kit, program: Command): void {
  const imports = group(kit, program, 'import', t.import);
  leaf(kit, imports, 'payments <file>', t.paymentsAbout, payments, [
    ['--account <id>', t.accountOption],
    ['--merchant <id>', customsTexts.merchantOption],
    ['--place <place>', t.placeOption],
    ['--customs-code <code>', t.codeOption],
    ['--customs-name <name>', t.nameOption],
    ['--request-no-template <template>', t.templateOption],
  ]);
}

const payments: Run = async (use, args, options) => {
  const file = await readInput(firstArg(args));
  if (!file.ok) return file;
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, transport, actor } = opened.value;
  const merchantId = await merchantMeant(opened.value, options);
  if (!merchantId.ok) return merchantId;
  const accountId = await accountMeant(opened.value, merchantId.value, options);
  if (!accountId.ok) return accountId;
  const { name: fileName, bytes } = file.value;
  const requestNoTemplate = text(options, 'requestNoTemplate');
  const input = {
    ...{ merchantId: merchantId.value, accountId: accountId.value, fileName, bytes, defaults: defaultsOf(options) },
    ...(requestNoTemplate === undefined ? {} : { requestNoTemplate }),
  };
  const imported = await importPayments({ ...customs, transport }, actor, input, (ready, of) =>
    use.tell.progress(t.importing, ready, of),
  );
  use.tell.end();
  return imported.ok ? done(answerOfPayments(fileName, imported.value)) : imported;
};

const defaultOptions = [
  ['place', 'place'],
  ['customs_code', 'customsCode'],
  ['customs_name', 'customsName'],
] as const;

function defaultsOf(options: Options): Record<string, string> {
  return Object.fromEntries(
    defaultOptions.flatMap(([field, option]) => {
      const value = text(options, option);
      return value === undefined ? [] : [[field, value]];
    }),
  );
}

const refusalsShown = 12;

function answerOfPayments(fileName: string, file: AdoptedFile): Answer {
  const refused = file.refusals.map(({ line, refusal }) => ({ line, told: explain(refusal) }));
  const lines = [
    t.file(fileName, file.charset, file.format),
    t.counts(file.rowsFound, file.adopted, file.known, file.completed),
    ...(file.cannotBeAsked > 0 ? [t.cannotBeAsked(file.cannotBeAsked)] : []),
    ...(file.template ? [t.template(file.template.text, file.template.asked, file.template.completed)] : []),
    ...(file.tied > 0 ? [t.tied(file.tied)] : []),
    ...problemLines(file.problems),
    ...refused.slice(0, refusalsShown).map(({ line, told }) => t.refused(line, told)),
    ...(refused.length > refusalsShown ? [customsTexts.moreProblems(refused.length - refusalsShown)] : []),
  ];
  const json = {
    ...{ file: fileName, format: file.format, charset: file.charset, columns: file.columns },
    ...{ rows: file.rowsFound, adopted: file.adopted, known: file.known, completed: file.completed },
    ...{ cannot_be_asked: file.cannotBeAsked, tied: file.tied, ...(file.template ? { template: file.template } : {}) },
    problems: file.problems.map(problemJson),
    refused: refused.map(({ line, told }) => {
      const { code, money, zh, en, wayOut } = told;
      return { line, code, money, zh, en, way_out: wayOut };
    }),
  };
  return { exit: 0, lines, json, next: 'liushui customs import PORT-LIST' };
}
