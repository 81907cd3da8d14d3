import { CNY, done, parseDecimal, refuse } from '../kernel/index.ts';
import type { Currency, Money, Result } from '../kernel/index.ts';
import { explain } from '../platform/refusals.ts';
import { askOffers, payerSideOf } from '../routing/index.ts';
import type { NotOffered, Offer, Offers, OfferWish, OrderNeeds, SideHint } from '../routing/index.ts';
import type { Answer, Words } from './answer.ts';
import { bilingualTable, money } from './layout.ts';
import type { OptionSpec } from './leaf.ts';
import { routingTexts as t } from './routing.texts.ts';
import { merchantMeant } from './scope.ts';
import { text } from './session.ts';
import type { Options, Run, Session } from './session.ts';
import { momentOf } from './terms.ts';

export const offerOptions: readonly OptionSpec[] = [
  ['--amount <amount>', t.amountOption],
  ['--currency <currency>', t.currencyOption],
  ['--terminal <terminal>', t.terminalOption],
  ['--wallet <channel>', t.walletOption],
  ['--mini-program', t.miniOption],
  ['--user-agent <text>', t.agentOption],
  ['--scene <scene>', t.sceneOption],
  ['--has <list>', t.hasOption],
  ['--code-start <digits>', t.codeOption],
  ['--need <list>', t.needOption],
  ['--instalments <n>', t.instalmentsOption],
  ['--returns <time>', t.returnOption],
  ['--order <no>', t.orderOption],
];

const unfit = (name: string, value: string, problem: string): Result<never> =>
  refuse('usage.bad_input', { field: `--${name}`, value, problem }, `--${name}`);

function oneOf<const T extends string>(options: Options, name: string, words: readonly T[]): Result<T | undefined> {
  const typed = text(options, name);
  const word = words.find((one) => one === typed);
  return typed === undefined || word !== undefined ? done(word) : unfit(name, typed, words.join(' | '));
}

function listOf<const T extends string>(options: Options, name: string, words: readonly T[]): Result<ReadonlySet<T>> {
  const typed = (text(options, name) ?? '').split(',').filter((word) => word !== '');
  const known = words.filter((word) => typed.includes(word));
  return known.length === new Set(typed).size ? done(new Set(known)) : unfit(name, typed.join(','), words.join(' | '));
}

function amountOf(options: Options): Result<Money> {
  const typed = text(options, 'amount') ?? '';
  const amount = parseDecimal(typed, (text(options, 'currency') as Currency | undefined) ?? CNY);
  return amount && amount.minor > 0n ? done(amount) : unfit('amount', typed, '420.00');
}

function hintOf(options: Options): Result<SideHint> {
  const terminal = oneOf(options, 'terminal', ['pc', 'phone', 'app', 'counter']);
  if (!terminal.ok) return terminal;
  const wallet = text(options, 'wallet');
  return done({
    ...(terminal.value === undefined ? {} : { terminal: terminal.value }),
    ...(wallet === undefined ? {} : { wallet }),
    isMiniProgram: options['miniProgram'] === true,
  });
}

function needsOf(options: Options): Result<OrderNeeds> {
  const asked = listOf(options, 'need', ['customs', 'identity_check', 'no_credit_card', 'split']);
  if (!asked.ok) return asked;
  const typed = text(options, 'instalments');
  if (typed !== undefined && !/^([2-9]|[1-9]\d)$/.test(typed)) return unfit('instalments', typed, '2 – 99');
  const has = asked.value;
  return done({
    ...{ customs: has.has('customs'), identityCheck: has.has('identity_check'), split: has.has('split') },
    ...{ noCreditCard: has.has('no_credit_card'), ...(typed === undefined ? {} : { instalments: Number(typed) }) },
  });
}

function payerOf(options: Options): Result<OfferWish['payerKnows']> {
  const known = listOf(options, 'has', ['payer_id', 'payer_code', 'payer_address']);
  if (!known.ok) return known;
  const codeStart = text(options, 'codeStart');
  if (codeStart !== undefined && !/^\d{2,4}$/.test(codeStart)) return unfit('code-start', codeStart, '28');
  const has = known.value;
  return done({
    ...{ payerId: has.has('payer_id'), payerAddress: has.has('payer_address') },
    ...{ payerCode: has.has('payer_code') || codeStart !== undefined },
    ...(codeStart === undefined ? {} : { codeStart }),
  });
}

async function wishOf(session: Session, options: Options): Promise<Result<OfferWish>> {
  const amount = amountOf(options);
  if (!amount.ok) return amount;
  const scene = oneOf(options, 'scene', ['online', 'counter']);
  if (!scene.ok) return scene;
  const [hint, needs, payerKnows] = [hintOf(options), needsOf(options), payerOf(options)];
  if (!hint.ok) return hint;
  if (!needs.ok) return needs;
  if (!payerKnows.ok) return payerKnows;
  const returnUntil = momentOf(options, 'returns');
  if (!returnUntil.ok) return returnUntil;
  const merchant = await merchantMeant(session, options);
  if (!merchant.ok) return merchant;
  return done({
    ...{ merchantId: merchant.value, amount: amount.value, scene: scene.value ?? 'online', needs: needs.value },
    side: payerSideOf(session.customs.channels, text(options, 'userAgent') ?? '', hint.value),
    ...{ at: session.clock.now(), payerKnows: payerKnows.value, orderNo: text(options, 'order') ?? '' },
    ...(returnUntil.value === undefined ? {} : { returnUntil: returnUntil.value }),
  });
}

export const offers: Run = async (use, _args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const wish = await wishOf(opened.value, options);
  if (!wish.ok) return wish;
  const found = await askOffers(opened.value.customs, opened.value.actor, wish.value);
  return found.ok ? done(answerOf(found.value, wish.value)) : found;
};

function answerOf({ offered, notOffered }: Offers, { side }: OfferWish): Answer {
  const rows = (lang: keyof Words): string[][] => [
    ...offered.map((one, at) => offerRow(one, at + 1, lang)),
    ...notOffered.map((one) => hiddenRow(one, lang)),
  ];
  const en = bilingualTable(t.heads, rows('en'), [4]);
  const table = bilingualTable(t.heads, rows('zh'), [4]).map(({ zh }, at) => ({ zh, en: en[at]?.en ?? '' }));
  const lines = offered.length > 0 ? table : notOffered.length > 0 ? [t.nothing, ...table] : [t.noAccounts];
  const json = {
    side: { terminal: side.terminal, wallet: side.wallet ?? null, mini_program: side.isMiniProgram === true },
    offered: offered.map(offerJson),
    not_offered: notOffered.map(hiddenJson),
  };
  return { exit: 0, lines, json };
}

function offerRow({ accountId, channel, product, because }: Offer, place: number, lang: keyof Words): string[] {
  const { fee, isFeeConfirmed, priority, weight, warnings } = because;
  const unconfirmed = fee === undefined || isFeeConfirmed ? '' : ` (${t.supposed[lang]})`;
  return [
    ...[String(place), accountId, channel, product, fee === undefined ? '-' : `${money(fee)}${unconfirmed}`],
    [t.because(priority, weight)[lang], ...warnings].join(' | '),
  ];
}

const hiddenRow = ({ accountId, channel, product, refusal }: NotOffered, lang: keyof Words): string[] => [
  ...['-', accountId, channel, product, ''],
  explain(refusal)[lang],
];

function offerJson({ accountId, channel, product, handsOut, needs, because }: Offer): Record<string, unknown> {
  const { priority, weight, fee, isFeeConfirmed, warnings } = because;
  return {
    ...{ account: accountId, channel, product, hands_out: handsOut, needs, priority, weight: weight ?? null },
    ...{ fee: fee?.minor ?? null, fee_confirmed: isFeeConfirmed, warnings },
  };
}

function hiddenJson({ accountId, channel, product, refusal }: NotOffered): Record<string, unknown> {
  const { code, zh, en, wayOut } = explain(refusal);
  return { account: accountId, channel, product, code, zh, en, way_out: wayOut };
}
