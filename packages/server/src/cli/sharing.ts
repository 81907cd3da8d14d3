import type { Command } from 'commander';
import { done, parseDecimal, refuse } from '../kernel/index.ts';
import type { Money, Result } from '../kernel/index.ts';
import type { Order } from '../payments/index.ts';
import { loadShared, makeShare, returnShare } from '../sharing/index.ts';
import type { Share, ShareAsk, SharedOrder, SharePart, ShareReturn } from '../sharing/index.ts';
import type { Answer } from './answer.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { firstArg, text } from './session.ts';
import type { Options, Run, Session } from './session.ts';
import { backLine, linesOf, orderOf } from './sharing-lines.ts';
import { receiverCommands } from './sharing-receivers.ts';
import { verdictCommands } from './sharing-verdicts.ts';
import { sharingTexts as t } from './sharing.texts.ts';

export function sharingCommands(kit: Kit, program: Command): void {
  const shares = group(kit, program, 'shares', t.shares);
  const reason = ['--reason <text>', t.reasonOption] as const;
  const collect = (one: string, before: string[]): string[] => [...before, one];
  leaf(kit, shares, 'make <order> <share_no>', t.makeAbout, make, [['--release', t.releaseOption], reason]).option(
    '--to <receiver=amount>',
    t.toOption[kit.lang],
    collect,
    [],
  );
  leaf(kit, shares, 'return <order> <return_no>', t.returnAbout, giveBack, [
    ['--part <part>', t.partOption],
    ['--amount <amount>', t.amountOption],
    reason,
  ]);
  leaf(kit, shares, 'list <order>', t.listAbout, list);
  verdictCommands(kit, shares);
  receiverCommands(kit, program);
}

const badInput = (field: string, value: string, problem: string): Result<never> =>
  refuse('usage.bad_input', { field, value, problem }, field);

/** Who does it, of which order, and why. */
type Meant = { readonly session: Session; readonly order: Order; readonly why: string };

function onOrder(carryOut: (meant: Meant, second: string, options: Options) => Promise<Result<Answer>>): Run {
  return async (use, args, options) => {
    const why = text(options, 'reason')?.trim() ?? '';
    if (why === '') return badInput('--reason', '', '--reason "..."');
    const opened = await use.session();
    if (!opened.ok) return opened;
    const order = await orderOf(opened.value, firstArg(args));
    if (!order.ok) return order;
    const second = args[1];
    return carryOut(
      { session: opened.value, order: order.value, why },
      typeof second === 'string' ? second : '',
      options,
    );
  };
}

const make: Run = onOrder(async ({ session, order, why }, shopShareNo, options) => {
  const parts = partsOf(order, options['to']);
  if (!parts.ok) return parts;
  const ask: ShareAsk = {
    ...{ order, shopShareNo, reason: why, releasesRest: options['release'] === true, parts: parts.value },
  };
  const made = await makeShare(session.payments, session.actor, ask);
  if (!made.ok) return made;
  const { share } = made.value;
  return done({ exit: 0, lines: linesOf(share), json: jsonOf(share), next: `liushui shares list ${order.orderNo}` });
});

function partsOf({ due }: Order, given: unknown): Result<ShareAsk['parts']> {
  const parts: { receiver: string; amount: Money }[] = [];
  for (const one of Array.isArray(given) ? (given as readonly string[]) : []) {
    const [, receiver = '', figure = ''] = /^([0-9a-f-]{36})=(.+)$/i.exec(one) ?? [];
    const amount = due && parseDecimal(figure, due.currency);
    if (!amount || amount.minor <= 0n) return badInput('--to', one, 'RECEIVER=12.00');
    parts.push({ receiver: receiver.toLowerCase(), amount });
  }
  return done(parts);
}

const giveBack: Run = onOrder(async ({ session, order, why }, shopReturnNo, options) => {
  const [shared] = await loadShared(session.db, [order]);
  const given = (shared?.shares ?? []).flatMap(({ parts }) => parts).filter(({ state }) => state !== 'failed');
  const named = text(options, 'part')?.toLowerCase();
  const part = named === undefined && given.length === 1 ? given[0] : given.find(({ id }) => id === named);
  if (!part) return badInput('--part', named ?? '', given.map(({ id }) => id).join(' | '));
  const figure = text(options, 'amount');
  const amount = figure === undefined ? undefined : parseDecimal(figure, part.amount.currency);
  if (figure !== undefined && !amount) return badInput('--amount', figure, '12.00');
  const asked = await returnShare(session.payments, session.actor, {
    ...{ partId: part.id, shopReturnNo, reason: why },
    ...(amount ? { minor: amount.minor } : {}),
  });
  if (!asked.ok) return asked;
  const { back } = asked.value;
  return done({
    ...{ exit: 0, lines: [backLine(back)], json: backJson(back) },
    next: `liushui shares list ${order.orderNo}`,
  });
});

const list: Run = async (use, args) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const order = await orderOf(opened.value, firstArg(args));
  if (!order.ok) return order;
  const [shared] = await loadShared(opened.value.db, [order.value]);
  const { shares = [], returns = [] }: Partial<SharedOrder> = shared ?? {};
  const lines = [...shares.flatMap(linesOf), ...returns.map(backLine)];
  return done({
    ...{ exit: 0, lines: lines.length === 0 ? [t.none] : lines },
    json: { order_no: order.value.orderNo, shares: shares.map(jsonOf), returns: returns.map(backJson) },
    next: `liushui show ${order.value.orderNo}`,
  });
};

const partJson = ({ id, partNo, receiver, amount, state, why }: SharePart) => ({
  ...{ part: id, part_no: partNo, receiver: receiver.id, amount: amount.minor, currency: amount.currency, state, why },
});

const jsonOf = ({ id, shopShareNo, shareNo, state, releasesRest, why, parts }: Share) => ({
  ...{ share: id, share_no: shopShareNo, channel_share_no: shareNo, state, releases_rest: releasesRest, why },
  parts: parts.map(partJson),
});

const backJson = ({ id, shopReturnNo, returnNo, partId, amount, state, why }: ShareReturn) => ({
  ...{ return: id, return_no: shopReturnNo, channel_return_no: returnNo, part: partId, state, why },
  ...{ amount: amount.minor, currency: amount.currency },
});
