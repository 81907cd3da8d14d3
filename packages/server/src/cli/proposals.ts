import type { Command } from 'commander';
import { done, parseShanghai, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { proposeDeclareAnew, proposeRepush } from '../customs/index.ts';
import type { AnewChoice, Groups, PlanDimension, RepushChoice } from '../customs/index.ts';
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
  leaf(kit, repush, 'propose [report]', t.proposeAbout, propose, [
    ['--canary <n>', t.canaryOption],
    ['--control <n>', t.controlOption],
    ['--cells <dimension>', t.cellsOption],
    ['--account <id>', t.accountOption],
    ['--place <code>', t.placeOption],
    ['--from <time>', t.fromOption],
    ['--to <time>', t.toOption],
    ['--merchant <id>', customsTexts.merchantOption],
    reasonOption,
  ]);
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
  const groupsMeant = readGroups(options);
  if (!groupsMeant.ok) return groupsMeant;
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor } = opened.value;
  const choice = await repushMeant(opened.value, args, options);
  if (!choice.ok) return choice;
  const cells = text(options, 'cells');
  const proposed = await proposeRepush(customs, actor, choice.value, {
    reason: text(options, 'reason') ?? '',
    ...(groupsMeant.value ? { groups: groupsMeant.value } : {}),
    ...(cells === undefined ? {} : { dimension: cells as PlanDimension }),
  });
  if (!proposed.ok) return proposed;
  const { plan, leftOut, cells: cut } = proposed.value;
  return done(answerOfProposal(plan, leftOut, cut));
};

const most = 1000;

/** Both or one of them: what is not said is as large as the other. */
function readGroups(options: Options): Result<Groups | undefined> {
  const found: Partial<Record<'canary' | 'control', number>> = {};
  for (const name of ['canary', 'control'] as const) {
    const said = text(options, name);
    if (said === undefined) continue;
    const size = Number(said);
    if (!Number.isSafeInteger(size) || size < 0 || size > most)
      return refuse('usage.bad_input', { field: `--${name}`, value: said, problem: `0 … ${most}` }, `--${name}`);
    found[name] = size;
  }
  const { canary, control } = found;
  if (canary === undefined && control === undefined) return done(undefined);
  return done({ canary: canary ?? control ?? 0, control: control ?? canary ?? 0 });
}

/** A list, or an account with a place and a window: never both. */
async function repushMeant(session: Session, args: Args, options: Options): Promise<Result<RepushChoice>> {
  const reportId = firstArg(args);
  const accountId = text(options, 'account');
  if ((reportId === '') === (accountId === undefined)) {
    const problem = 'REPORT | --account A --place P --from T --to T';
    return refuse('usage.bad_input', { field: 'REPORT', value: reportId, problem }, 'REPORT');
  }
  if (accountId === undefined) return done({ reportId });
  const [from, to] = [parseShanghai(text(options, 'from') ?? ''), parseShanghai(text(options, 'to') ?? '')];
  const place = text(options, 'place')?.toUpperCase();
  for (const [name, value] of Object.entries({ place, from, to })) {
    if (value !== undefined) continue;
    const problem = name === 'place' ? 'ZONGSHU' : '2015-10-27 11:00';
    return refuse('usage.bad_input', { field: `--${name}`, value: text(options, name) ?? '', problem }, `--${name}`);
  }
  const merchantId = await merchantMeant(session, options);
  if (!merchantId.ok) return merchantId;
  if (place === undefined || from === undefined || to === undefined) return done({ reportId });
  return done({ merchantId: merchantId.value, filter: { accountId, place, from, to } });
}

const proposeAnew: Run = async (use, args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor } = opened.value;
  const choice = await choiceMeant(opened.value, args, options);
  if (!choice.ok) return choice;
  const proposed = await proposeDeclareAnew(customs, actor, choice.value, text(options, 'reason') ?? '');
  return proposed.ok ? done(answerOfProposal(proposed.value.plan, proposed.value.leftOut, [])) : proposed;
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
