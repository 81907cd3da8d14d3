import { join } from 'node:path';
import type { Command } from 'commander';
import { done } from '../kernel/index.ts';
import type { SimulatedContract } from '../payments/index.ts';
import { shellWord } from '../platform/shell-word.ts';
import type { Words } from './answer.ts';
import { customsTexts } from './customs.texts.ts';
import { bilingualTable } from './layout.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { openSandbox } from './open-sandbox.ts';
import { merchantMeant } from './scope.ts';
import { firstArg } from './session.ts';
import type { Run, Session } from './session.ts';
import { signUpTexts as t } from './sandbox-sign-up.texts.ts';

/** `sandbox sign-up`: what stands between a merchant and a channel's keys, played. */
export function signUpCommand(kit: Kit, sandbox: Command): void {
  leaf(kit, sandbox, 'sign-up <channel>', t.about, signUp, [['--merchant <id>', customsTexts.merchantOption]]);
}

const signUp: Run = async (use, args, options) => {
  const opened = await openSandbox(use, 'sandbox sign-up');
  if (!opened.ok) return opened;
  const { session, doors } = opened.value;
  const merchantId = await merchantMeant(session, options);
  if (!merchantId.ok) return merchantId;
  const signed = await doors.signUp(session.actor, { channel: firstArg(args), merchantId: merchantId.value });
  if (!signed.ok) return signed;
  const { channel, number, folder, paperFile, settings, secrets, products } = signed.value;
  const paper = join(folder, paperFile);
  const files = Object.fromEntries(Object.keys(secrets).map((name) => [name, join(folder, name)]));
  return done({
    exit: 0,
    lines: [
      t.signed(channel, number),
      ...settingLines(session, signed.value),
      t.files(folder),
      ...secretLines(session, signed.value),
      t.paper(paper),
    ],
    json: { channel, merchant: merchantId.value, number, settings, products, secret_files: files, paper },
    next: commandToAdd(signed.value, files),
  });
};

type Label = { readonly name: string; readonly labelZh: string; readonly labelEn: string };

/** A table with a column of the channel's own labels. */
function labelled(
  heads: { readonly zh: readonly string[]; readonly en: readonly string[] },
  fields: readonly Label[],
  values: Readonly<Record<string, string>>,
  row: (name: string, label: string) => readonly string[],
): Words[] {
  const rows = (label: 'labelZh' | 'labelEn') =>
    Object.keys(values).map((name) => row(name, fields.find((field) => field.name === name)?.[label] ?? name));
  const [zh, en] = [bilingualTable(heads, rows('labelZh')), bilingualTable(heads, rows('labelEn'))];
  return zh.map((line, at) => ({ zh: line.zh, en: en[at]?.en ?? '' }));
}

function settingLines({ customs }: Session, { channel, settings }: SimulatedContract): Words[] {
  const fields = customs.channels.get(channel)?.manifest.settings ?? [];
  return labelled(t.settingHeads, fields, settings, (name, label) => [name, settings[name] ?? '', label]);
}

function secretLines({ customs }: Session, { channel, secrets }: SimulatedContract): Words[] {
  const fields = customs.channels.get(channel)?.manifest.secrets ?? [];
  return labelled(t.secretHeads, fields, secrets, (name, label) => [name, label]);
}

/** Complete: it can be typed as it stands. */
function commandToAdd(contract: SimulatedContract, files: Readonly<Record<string, string>>): string {
  const { channel, merchantId, number, settings, products } = contract;
  const words = [
    ...['--channel', channel, '--merchant', merchantId, '--name', `${channel}-${number}`],
    ...Object.entries(settings).flatMap(([name, value]) => ['--setting', `${name}=${value}`]),
    ...Object.entries(files).flatMap(([name, file]) => ['--secret-file', `${name}=${file}`]),
    ...products.flatMap((product) => ['--product', product]),
  ];
  return ['liushui accounts add', ...words.map(shellWord)].join(' ');
}
