import type { Blank, Look, Step } from '../onboarding/index.ts';
import { choices, idleOf, isCollecting, nextStep, offeredOf, toDo } from '../onboarding/index.ts';
import { describe } from '../platform/refusals.ts';
import type { Answer, Words } from './answer.ts';
import { bilingualTable, table } from './layout.ts';
import { onboardingTexts as t } from './onboarding.texts.ts';

type Lang = 'zh' | 'en';
const langs = ['zh', 'en'] as const;

/** A table whose cells have two languages as well. */
export function tableOf(
  heads: { readonly zh: readonly string[]; readonly en: readonly string[] },
  rows: (lang: Lang) => string[][],
): Words[] {
  const [zh, en] = langs.map((lang) => bilingualTable(heads, rows(lang)));
  return (zh ?? []).map((line, at): Words => ({ zh: line.zh, en: en?.[at]?.en ?? '' }));
}

function missingWords(step: Step, lang: Lang): string {
  const { lacks, lacksWords, appliedOn, expectedOn = '', isLate = false, contact = '', state, approval } = step;
  const wait =
    state === 'waiting' && appliedOn !== undefined ? [t.since(appliedOn, expectedOn, isLate, contact)[lang]] : [];
  const wanted = lacks.length === 0 ? [] : [`${lacksWords[lang]}${step.blocks ? '' : ` (${t.unconfirmed[lang]})`}`];
  const asked = approval === undefined ? [] : [t.asked(approval)[lang]];
  return [...wanted, ...asked, ...wait].join('; ');
}

const stepLines = (steps: readonly Step[], isSkipped: boolean): Words[] =>
  tableOf(t.heads, (lang) =>
    steps.map((step) => [
      ...[String(step.no), step.key, step[lang], t.owners[step.owner][lang]],
      ...[(isSkipped ? t.skippedState : t.states[step.state])[lang], missingWords(step, lang)],
    ]),
  );

/** Under the table: what a cell has no room for. */
const remarkLines = (steps: readonly Step[]): Words[] =>
  steps.flatMap(({ no, key, remark }) => {
    const [zh = '', en = ''] = remark ? langs.map((lang) => describe(remark, lang)) : [];
    return remark ? [{ zh: `${no} ${key}: ${zh}`, en: `${no} ${key}: ${en}` }] : [];
  });

/** Of every step that blocks its command: who has several people at hand does them side by side. */
function toDoLines(steps: readonly Step[], isSkipped: boolean): Words[] {
  if (steps.length < 2) return [];
  const lines = table(steps.map(({ no, key, next = '' }) => [String(no), key, next]));
  return [isSkipped ? t.toMakeUp : t.toDo, ...lines.map((line) => ({ zh: line, en: line }))];
}

/** What is typed instead of a next line where the contract has no such clause. */
export const orLines = (steps: readonly (Pick<Step, 'or'> | undefined)[]): Words[] =>
  [...new Set(steps.flatMap((step) => step?.or?.command ?? []))].map(t.or);

/** What each word in capitals of the printed commands stands for, once. */
export function fillLines(fill: readonly Blank[]): Words[] {
  const blanks = [...new Map(fill.map((blank) => [blank.word, blank])).values()];
  return blanks.map(({ word, zh, en, oneOf, example }) => {
    const allowed = oneOf && choices(oneOf);
    return t.stands(word, { zh, en }, allowed, String(example));
  });
}

const fillJson = (fill: readonly Blank[]) => fill.map(({ oneOf, ...blank }) => ({ ...blank, one_of: oneOf ?? null }));

function stepJson(one: Step): Record<string, unknown> {
  const { zh, en, appliedOn, expectedOn, isLate, remark, lacksWords, fill = [], doer, ...step } = one;
  return {
    ...{ ...step, words: { zh, en }, lacks_words: lacksWords, fill: fillJson(fill) },
    ...(appliedOn === undefined ? {} : { applied_on: appliedOn }),
    ...(expectedOn === undefined ? {} : { expected_on: expectedOn }),
    ...(isLate ? { late: true } : {}),
    ...(remark ? { remark: remark.code } : {}),
    ...(doer ? { permission: doer.permission } : {}),
  };
}

/** What a live account is to buyers. */
export function liveLines({ account, opened: { connector } }: Look): Words[] {
  const offered = offeredOf({ connector, account });
  if (offered.length > 0) return [t.live(account.id), t.offered(offered)];
  return [t.live(account.id), isCollecting(connector, account) ? t.offeredNothing(account.id) : t.collectsNothing];
}

/** What to type next: the step that can be gone on with. */
export const nextOf = ({ steps }: Look): { readonly next?: string } => {
  const next = nextStep(steps)?.next;
  return next === undefined ? {} : { next };
};

/** Of an account that was live before its walk only what is missing is told: nothing of it stops anybody. */
export function walkAnswer(look: Look, whoNext: readonly Words[]): Answer {
  const { account, steps, isBornLive, opened } = look;
  const isLive = account.liveAt !== undefined;
  const shown = isBornLive ? steps.filter(({ lacks }) => lacks.length > 0) : steps;
  const first = isBornLive ? [...liveLines(look), t.skipped] : [];
  const last = isLive && !isBornLive ? liveLines(look) : [];
  const open = toDo(steps);
  const printed = [...open, nextStep(steps)];
  const fill = printed.flatMap((step) => step?.fill ?? []);
  const idle = isBornLive ? [] : idleOf(steps).map(({ no }) => no);
  const lines = [
    ...[...first, ...stepLines(shown, isBornLive), ...remarkLines(steps), ...last],
    ...(idle.length > 0 ? [t.stopNobody(idle)] : []),
    ...[...toDoLines(open, isBornLive), ...fillLines(fill), ...orLines(printed), ...whoNext],
  ];
  const json = {
    ...{ account: account.id, live: isLive, steps: steps.map(stepJson) },
    ...(isLive ? { offered: offeredOf({ connector: opened.connector, account }) } : {}),
    ...(isBornLive ? { skipped: shown.map(({ key }) => key) } : {}),
    fill: fillJson(nextStep(steps)?.fill ?? []),
  };
  return { exit: 0, lines, json, ...nextOf(look) };
}
