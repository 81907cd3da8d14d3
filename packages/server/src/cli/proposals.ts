import type { Command } from 'commander';
import { done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { proposeDeclareAnew, proposeRepush } from '../customs/index.ts';
import type { AnewChoice } from '../customs/index.ts';
import { customsTexts } from './customs.texts.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { answerOfProposal, groups, planCommands, reasonOption } from './plans.ts';
import { planTexts as t } from './plans.texts.ts';
import { merchantMeant } from './scope.ts';
import { firstArg, text } from './session.ts';
import type { Args, Options, Run, Session } from './session.ts';

export function repushCommands(kit: Kit, customs: Command): void {
  const repush = group(kit, customs, groups.repush, t.repush);
  leaf(kit, repush, 'propose <report>', t.proposeAbout, propose, [reasonOption]);
  planCommands(kit, repush, 'repush');
}

export function declareAnewCommands(kit: Kit, customs: Command): void {
  const anew = group(kit, customs, groups.declare_anew, t.anew);
  leaf(kit, anew, 'propose [report]', t.anewAbout, proposeAnew, [
    ['--order-no <number...>', t.orderNoOption],
    ['--merchant <id>', customsTexts.merchantOption],
    reasonOption,
  ]);
  planCommands(kit, anew, 'declare_anew');
}

const propose: Run = async (use, args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor } = opened.value;
  const proposed = await proposeRepush(
    customs,
    actor,
    { reportId: firstArg(args) },
    { reason: text(options, 'reason') ?? '' },
  );
  return proposed.ok ? done(answerOfProposal(proposed.value.plan, proposed.value.leftOut)) : proposed;
};

const proposeAnew: Run = async (use, args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor } = opened.value;
  const choice = await choiceMeant(opened.value, args, options);
  if (!choice.ok) return choice;
  const proposed = await proposeDeclareAnew(customs, actor, choice.value, text(options, 'reason') ?? '');
  return proposed.ok ? done(answerOfProposal(proposed.value.plan, proposed.value.leftOut)) : proposed;
};

/** A report or numbers, never both: a list that somebody also narrowed would leave open which of the two was meant. */
async function choiceMeant(session: Session, args: Args, options: Options): Promise<Result<AnewChoice>> {
  const reportId = firstArg(args);
  const numbers = (options['orderNo'] ?? []) as readonly string[];
  if ((reportId === '') === (numbers.length === 0))
    return refuse('usage.bad_input', { field: 'REPORT', value: reportId, problem: 'REPORT | --order-no N…' }, 'REPORT');
  if (reportId !== '') return done({ reportId });
  const merchantId = await merchantMeant(session, options);
  return merchantId.ok ? done({ merchantId: merchantId.value, numbers }) : merchantId;
}
