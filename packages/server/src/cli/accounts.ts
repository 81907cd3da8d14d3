import type { Command } from 'commander';
import { done, refuse, rfc3339 } from '../kernel/index.ts';
import { listAccounts, testAccount } from '../accounts/index.ts';
import { allowed } from '../identity/index.ts';
import { add } from './accounts-add.ts';
import { change } from './accounts-change.ts';
import { accountsTexts as t } from './accounts.texts.ts';
import { consentTexts } from './consent.texts.ts';
import { customsTexts } from './customs.texts.ts';
import { bilingualTable } from './layout.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { numberRuleCommands } from './number-rules.ts';
import { onboardingCommands } from './onboarding.ts';
import { merchantsOf } from './scope.ts';
import { firstArg } from './session.ts';
import type { Run } from './session.ts';

export function accountCommands(kit: Kit, program: Command): void {
  const accounts = group(kit, program, 'accounts', t.accounts);
  leaf(kit, accounts, 'list', t.listAbout, list);
  const collect = (one: string, before: string[]): string[] => [...before, one];
  const consent = [
    ['--approval <id>', consentTexts.approvalOption],
    ['--reason <text>', consentTexts.reasonOption],
  ] as const;
  leaf(kit, accounts, 'add', t.addAbout, add, [
    ['--channel <id>', t.channelOption],
    ['--name <name>', t.nameOption],
    ['--merchant <id>', customsTexts.merchantOption],
    ...consent,
  ])
    .option('--setting <name=value>', t.settingOption[kit.lang], collect, [])
    .option('--secret-file <name=path>', t.secretOption[kit.lang], collect, [])
    .option('--product <product>', t.productOption[kit.lang], collect, []);
  leaf(kit, accounts, 'change <account>', t.changeAbout, change, [
    ['--name <name>', t.nameOption],
    ['--old-until <time>', t.oldUntilOption],
    ...consent,
  ])
    .option('--setting <name=value>', t.settingOption[kit.lang], collect, [])
    .option('--unset <name>', t.unsetOption[kit.lang], collect, [])
    .option('--secret-file <name=path>', t.secretOption[kit.lang], collect, []);
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
