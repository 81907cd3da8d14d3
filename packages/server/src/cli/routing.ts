import type { Command } from 'commander';
import { done, refuse, rfc3339 } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { listNotices, listRules, setRule, tellNotice, withdrawNotice } from '../routing/index.ts';
import type { NewNotice, Notice, Rule } from '../routing/index.ts';
import type { Answer, Words } from './answer.ts';
import { bilingualTable, time } from './layout.ts';
import { group, leaf } from './leaf.ts';
import type { Kit, OptionSpec } from './leaf.ts';
import { planTexts } from './plans.texts.ts';
import { offerOptions, offers } from './routing-offers.ts';
import { routingTexts as t } from './routing.texts.ts';
import { merchantMeant } from './scope.ts';
import { firstArg, text } from './session.ts';
import type { Options, Run } from './session.ts';
import { momentOf } from './terms.ts';

export function routingCommands(kit: Kit, program: Command): void {
  const routing = group(kit, program, 'routing', t.group);
  const product = ['--product <product>', t.productOption] as const;
  const merchant = ['--merchant <merchant>', t.merchantOption] as const;
  const reason = ['--reason <text>', planTexts.reasonOption] as const;
  const span: OptionSpec[] = [
    ['--from <time>', t.fromOption],
    ['--to <time>', t.toOption],
  ];
  leaf(kit, routing, 'offers', t.offersAbout, offers, [...offerOptions, merchant]);
  const rules = group(kit, routing, 'rule', t.rule);
  leaf(kit, rules, 'list <account>', t.ruleListAbout, ruleList);
  const figures: OptionSpec[] = [
    ['--priority <n>', t.priorityOption],
    ['--weight <n>', t.weightOption],
  ];
  leaf(kit, rules, 'set <account>', t.ruleSetAbout, ruleSet, [product, ...figures, ...span, reason]);
  const notices = group(kit, routing, 'notice', t.notice);
  leaf(kit, notices, 'list', t.noticeListAbout, noticeList, [merchant]);
  leaf(kit, notices, 'add <channel>', t.noticeAddAbout, noticeAdd, [
    ...[['--text <text>', t.textOption] as const, ['--effect <effect>', t.effectOption] as const, product],
    ...[['--account <account>', t.accountOption] as const, ...span, merchant],
    ['--every-merchant', t.everyOption],
  ]);
  leaf(kit, notices, 'withdraw <notice>', t.noticeWithdrawAbout, noticeWithdraw, [reason]);
}

function figure(options: Options, name: string, min: number, max: number): Result<number | undefined> {
  const typed = text(options, name);
  const value = typed === undefined ? undefined : Number(typed);
  if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) return done(value);
  const params = { field: `--${name}`, value: typed ?? '', problem: `${min} – ${max}` };
  return refuse('usage.bad_input', params, `--${name}`);
}

type Spanned = { readonly validFrom: Instant; readonly validTo: Instant | undefined };

function spanOf(options: Options, now: Instant): Result<Spanned> {
  const [from, to] = [momentOf(options, 'from'), momentOf(options, 'to')];
  if (!from.ok) return from;
  return to.ok ? done({ validFrom: from.value ?? now, validTo: to.value }) : to;
}

const until = (at: Instant | undefined): string => (at === undefined ? '-' : time(at));
const usualPriority = 100;

const ruleList: Run = async (use, args) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor } = opened.value;
  const listed = await listRules(customs, actor, firstArg(args));
  if (!listed.ok) return listed;
  const rows = listed.value.map(({ product, priority, weight, validFrom, validTo, madeBy, reason }) => [
    ...[product, String(priority), weight === undefined ? '-' : String(weight), time(validFrom), until(validTo)],
    ...[madeBy, reason],
  ]);
  const lines = rows.length === 0 ? [t.noRules] : bilingualTable(t.ruleHeads, rows, [1, 2]);
  return done({ exit: 0, lines, json: { account: firstArg(args), rules: listed.value.map(ruleJson) } });
};

const spanJson = ({ validFrom, validTo }: Spanned) => ({
  valid_from: rfc3339(validFrom),
  valid_to: validTo === undefined ? null : rfc3339(validTo),
});

function ruleJson(rule: Rule): Record<string, unknown> {
  const { id, accountId, product, priority, weight, reason, madeBy, madeAt } = rule;
  return {
    ...{ id, account: accountId, product, priority, weight: weight ?? null, ...spanJson(rule) },
    ...{ reason, made_by: madeBy, made_at: rfc3339(madeAt) },
  };
}

const ruleSet: Run = async (use, args, options) => {
  const [priority, weight] = [figure(options, 'priority', 1, 999), figure(options, 'weight', 0, 1000)];
  if (!priority.ok) return priority;
  if (!weight.ok) return weight;
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor, clock } = opened.value;
  const span = spanOf(options, clock.now());
  if (!span.ok) return span;
  const [product, reason] = [text(options, 'product') ?? '*', text(options, 'reason') ?? ''];
  const given = { accountId: firstArg(args), product, priority: priority.value ?? usualPriority, reason };
  const set = await setRule(customs, actor, { ...given, weight: weight.value, ...span.value });
  if (!set.ok) return set;
  const { accountId, validFrom } = set.value;
  const words = t.because(set.value.priority, set.value.weight);
  return done({
    ...{ exit: 0, lines: [t.ruleSet(`${accountId} ${product}`, words, time(validFrom))], json: ruleJson(set.value) },
    next: `liushui routing rule list ${accountId}`,
  });
};

const noticeList: Run = async (use, _args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor, clock } = opened.value;
  const merchant = await merchantMeant(opened.value, options);
  if (!merchant.ok) return merchant;
  const listed = await listNotices(customs, actor, merchant.value, clock.now());
  if (!listed.ok) return listed;
  const rows = (lang: keyof Words): string[][] => listed.value.map((notice) => noticeRow(notice, lang));
  const en = bilingualTable(t.noticeHeads, rows('en'));
  const lines = bilingualTable(t.noticeHeads, rows('zh')).map(({ zh }, at) => ({ zh, en: en[at]?.en ?? '' }));
  const json = { merchant: merchant.value, notices: listed.value.map(noticeJson) };
  return done({ exit: 0, lines: listed.value.length === 0 ? [t.noNotices] : lines, json });
};

function noticeRow(notice: Notice, lang: keyof Words): string[] {
  const { id, channel, accountId = '*', product, withdrawnAt, validFrom, validTo, text: said } = notice;
  const effect = withdrawnAt === undefined ? notice.effect : 'withdrawn';
  return [id, channel, accountId, product, t.effects[effect][lang], time(validFrom), until(validTo), said];
}

function noticeJson(notice: Notice): Record<string, unknown> {
  const { id, merchantId, channel, accountId, product, effect, text: said, madeBy, withdrawnAt } = notice;
  return {
    ...{ id, merchant: merchantId ?? null, channel, account: accountId ?? null, product, effect, text: said },
    ...{ ...spanJson(notice), made_by: madeBy },
    withdrawn_at: withdrawnAt === undefined ? null : rfc3339(withdrawnAt),
  };
}

const noticeAdd: Run = async (use, args, options) => {
  const effect = text(options, 'effect') ?? 'closed';
  if (effect !== 'closed' && effect !== 'warning')
    return refuse('usage.bad_input', { field: '--effect', value: effect, problem: 'closed | warning' }, '--effect');
  const said = (text(options, 'text') ?? '').trim();
  if (said === '' || said.length > 300)
    return refuse('usage.bad_input', { field: '--text', value: said, problem: '1 – 300' }, '--text');
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor, clock } = opened.value;
  const span = spanOf(options, clock.now());
  if (!span.ok) return span;
  const meant = options['everyMerchant'] === true ? undefined : await merchantMeant(opened.value, options);
  if (meant && !meant.ok) return meant;
  const [accountId, product] = [text(options, 'account'), text(options, 'product') ?? '*'];
  const about = { merchantId: meant?.value, channel: firstArg(args), accountId, product };
  const given: NewNotice = { ...about, effect, text: said, ...span.value };
  const told = await tellNotice(customs, actor, given);
  return told.ok ? done(noticeAnswer(told.value)) : told;
};

function noticeAnswer(notice: Notice): Answer {
  const { id, channel, accountId, product, validFrom, text: said } = notice;
  const about = `${accountId ?? channel} ${product}: ${said}`;
  return { exit: 0, lines: [t.noticeKept(id, about, time(validFrom))], json: noticeJson(notice) };
}

const noticeWithdraw: Run = async (use, args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor } = opened.value;
  const withdrawn = await withdrawNotice(customs, actor, firstArg(args), text(options, 'reason') ?? '');
  if (!withdrawn.ok) return withdrawn;
  return done({ exit: 0, lines: [t.noticeWithdrawn(withdrawn.value.id)], json: noticeJson(withdrawn.value) });
};
