import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { done, refuse, rfc3339, Secret } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { addAccount, listAccounts, testAccount } from '../accounts/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import { accountsTexts as t } from './accounts.texts.ts';
import { stampOf, withConsent } from './consent.ts';
import type { TwoPersonAct } from './consent.ts';
import { consentTexts } from './consent.texts.ts';
import { customsTexts } from './customs.texts.ts';
import { bilingualTable } from './layout.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { numberRuleCommands } from './number-rules.ts';
import { onboardingCommands } from './onboarding.ts';
import { merchantMeant, merchantsOf } from './scope.ts';
import { firstArg, text } from './session.ts';
import type { Options, Run, Session } from './session.ts';

export function accountCommands(kit: Kit, program: Command): void {
  const accounts = group(kit, program, 'accounts', t.accounts);
  leaf(kit, accounts, 'list', t.listAbout, list);
  const collect = (one: string, before: string[]): string[] => [...before, one];
  leaf(kit, accounts, 'add', t.addAbout, add, [
    ['--channel <id>', t.channelOption],
    ['--name <name>', t.nameOption],
    ['--merchant <id>', customsTexts.merchantOption],
    ['--approval <id>', consentTexts.approvalOption],
    ['--reason <text>', consentTexts.reasonOption],
  ])
    .option('--setting <name=value>', t.settingOption[kit.lang], collect, [])
    .option('--secret-file <name=path>', t.secretOption[kit.lang], collect, [])
    .option('--product <product>', t.productOption[kit.lang], collect, []);
  leaf(kit, accounts, 'test <account>', t.testAbout, test);
  onboardingCommands(kit, accounts);
  numberRuleCommands(kit, accounts);
}

const list: Run = async (use) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const merchants = await merchantsOf(opened.value);
  for (const merchant of merchants) {
    const may = allowed(opened.value.actor, 'accounts.read', merchant);
    if (!may.ok) return may;
  }
  const accounts = await listAccounts(opened.value.db, merchants);
  const rows = accounts.map(({ id, merchantId, channel, name, settings }) => [
    ...[id, merchantId, channel, name],
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}`)
      .join(' '),
  ]);
  const json = accounts.map(({ merchantId, liveAt, ...account }) => ({
    ...{ ...account, merchant: merchantId },
    live_at: liveAt === undefined ? null : rfc3339(liveAt),
  }));
  const lines = accounts.length === 0 ? [t.none] : bilingualTable(t.heads, rows);
  const [first] = accounts;
  return done({
    exit: 0,
    lines,
    json: { accounts: json },
    next: `liushui accounts ${first ? `test ${first.id}` : 'add'}`,
  });
};

/** `name=value` words as a record; refuses the first word without a name. */
function readPairs(options: Options, name: string): Result<Readonly<Record<string, string>>> {
  const pairs: Record<string, string> = {};
  for (const word of (options[name] ?? []) as readonly string[]) {
    const cut = word.indexOf('=');
    if (cut < 1) return refuse('usage.bad_input', { field: name, value: word, problem: 'name=value' });
    pairs[word.slice(0, cut)] = word.slice(cut + 1);
  }
  return done(pairs);
}

function readSecrets(options: Options): Result<Readonly<Record<string, string>>> {
  const files = readPairs(options, 'secretFile');
  if (!files.ok) return files;
  const texts: Record<string, string> = {};
  for (const [name, file] of Object.entries(files.value)) {
    try {
      texts[name] = readFileSync(file, 'utf8').trim();
    } catch (error) {
      return refuse(
        'import.file_unreadable',
        { file, why: (error as NodeJS.ErrnoException).code ?? '' },
        '--secret-file',
      );
    }
  }
  return done(texts);
}

const add: Run = async (use, _args, options) => {
  const settings = readPairs(options, 'setting');
  if (!settings.ok) return settings;
  const texts = readSecrets(options);
  if (!texts.ok) return texts;
  const entered = await use.session();
  if (!entered.ok) return entered;
  const session = entered.value;
  const merchantId = await merchantMeant(session, options);
  if (!merchantId.ok) return merchantId;
  const channel = text(options, 'channel') ?? '';
  const name = text(options, 'name') ?? channel;
  const opened = (options['product'] ?? []) as readonly string[];
  const given = {
    ...{ merchantId: merchantId.value, channel, name, settings: settings.value },
    ...(opened.length === 0 ? {} : { products: opened }),
  };
  // What the second person agrees to names the secrets by their keyed digests: the approval must not hold them.
  const secrets = Object.fromEntries(
    Object.entries(texts.value).map(([key, value]) => [key, digestText(session, value)]),
  );
  const act: TwoPersonAct = {
    command: 'accounts.change',
    subject: `${channel}/${name}`,
    merchantId: merchantId.value,
    input: { act: 'add', ...given, digests: secrets },
  };
  return withConsent(session, act, options, async (tx) => {
    const sealed = Object.fromEntries(Object.entries(texts.value).map(([key, value]) => [key, new Secret(value)]));
    const added = await addAccount(tx, session.customs, { ...given, secrets: sealed });
    if (!added.ok) return added;
    const { id } = added.value;
    const entry = { actor: session.actor, act: 'account.added', subject: id, reason: text(options, 'reason') ?? '' };
    await writeAudit(tx, [{ ...entry, detail: { channel, name } }], stampOf(session));
    return done({
      exit: 0,
      lines: [t.added(id, channel)],
      json: { account: id, channel },
      next: `liushui accounts test ${id}`,
    });
  });
};

function digestText({ tokens }: Session, value: string): string {
  return Buffer.from(tokens.digest('token', value)).toString('hex');
}

const test: Run = async (use, args) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { db, customs, transport, actor } = opened.value;
  const id = firstArg(args);
  const account = (await listAccounts(db, await merchantsOf(opened.value))).find((one) => one.id === id);
  if (!account) return refuse('account.not_found', { account: id });
  const may = allowed(actor, 'accounts.test', account.merchantId);
  if (!may.ok) return may;
  const tested = await testAccount(customs, transport, id);
  if (!tested.ok) return tested;
  const { ms, trust, signingRule } = tested.value;
  const lines = [t.tested(id, Math.round(ms), trust === 'verified')];
  const json = { account: id, ms: Math.round(ms), trust, signing_rule: signingRule ?? null };
  return done({ exit: 0, lines, json, next: `liushui accounts walk ${id}` });
};
