import { days, parseShanghai, shanghaiDate } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { Facts } from './facts.ts';
import type { Step } from './walk.ts';

/** What holds until a day: a licence, a certificate, a key, whatever was noted with its last day. */
export type Paper = { readonly name: string; readonly endsAt: Instant };

/** Something of an account that somebody must do. `subject` names it for a case. */
export type Warning = {
  readonly kind: 'account.paper_ends' | 'account.application_late';
  readonly subject: string;
  readonly params: Readonly<Record<string, string | number>>;
};

/** Days before the end at which somebody is told anew; the smaller one replaces the greater. */
const stages = [0, 7, 30, 60] as const;

/** The stage in which what ends then is now. Undefined: there is time. */
export function stageOf(endsAt: Instant, at: Instant): number | undefined {
  const left = Math.ceil((endsAt - at) / days(1));
  return stages.find((stage) => left <= stage);
}

/** Facts that were noted with a last day, also those that have lapsed. */
export const notedPapers = (facts: Facts): readonly Paper[] =>
  [...facts].flatMap(([name, { validTo }]) => (validTo === undefined ? [] : [{ name, endsAt: validTo }]));

export const licencePaper = (expiresOn: string | undefined): readonly Paper[] => {
  const endsAt = expiresOn === undefined ? undefined : parseShanghai(`${expiresOn} 23:59:59`);
  return endsAt === undefined ? [] : [{ name: 'licence', endsAt }];
};

export function warningsOf(
  account: string,
  papers: readonly Paper[],
  steps: readonly Step[],
  at: Instant,
): readonly Warning[] {
  const ending = papers.flatMap(({ name, endsAt }): Warning[] => {
    const stage = stageOf(endsAt, at);
    if (stage === undefined) return [];
    const on = shanghaiDate(endsAt);
    // The stage is part of what it is about: who closed it a month before the end hears of it again in the last week.
    const subject = `${account} ${name} ${on} -${stage}`;
    return [{ kind: 'account.paper_ends', subject, params: { account, paper: name, ends_on: on, within_days: stage } }];
  });
  const late = steps.flatMap(({ key, isLate, expectedOn = '', contact = '' }): Warning[] => {
    if (isLate !== true) return [];
    const params = { account, step: key, expected_on: expectedOn, contact };
    return [{ kind: 'account.application_late', subject: `${account} ${key} ${expectedOn}`, params }];
  });
  return [...ending, ...late];
}
