import { assert, bucketOf, days, minutes, parseShanghai, plus, shanghaiDate } from '../kernel/index.ts';
import type { BusinessDate, Instant } from '../kernel/index.ts';
import type { Connector, SettingWish, StatementKind, StatementRules } from '../channels/contract/index.ts';

/** Of one kind of an account: the first day that is there, and all of them since the channel gives files. */
export type PlannedDays = { readonly first: BusinessDate; readonly days: readonly BusinessDate[] };

/** The moment at which a day begins in Beijing, where the days of every channel that we know begin. */
export function beginningOf(day: BusinessDate): Instant {
  const at = parseShanghai(`${day} 00:00:00`);
  assert(at !== undefined, `${day} is no day`);
  return at;
}

/** The year 0 is in ISO 8601 and not in PostgreSQL. */
export const isDay = (text: string): text is BusinessDate =>
  /^(?!0000)\d{4}-\d\d-\d\d$/.test(text) && parseShanghai(`${text} 00:00:00`) !== undefined;

export const dayAfter = (day: BusinessDate, count = 1): BusinessDate =>
  shanghaiDate(plus(beginningOf(day), days(count)));

export const spanOf = (day: BusinessDate) => ({ from: beginningOf(day), to: beginningOf(dayAfter(day)) });

/** Yesterday: the last day that is over. */
export const lastDay = (at: Instant): BusinessDate => dayAfter(shanghaiDate(at), -1);

export const firstDay = (rules: StatementRules, at: Instant): BusinessDate =>
  dayAfter(shanghaiDate(at), -rules.daysBack);

export function daysFrom(from: BusinessDate, to: BusinessDate): readonly BusinessDate[] {
  const all: BusinessDate[] = [];
  for (let day = from; day <= to; day = dayAfter(day)) all.push(day);
  return all;
}

export const readyAt = (day: BusinessDate, rules: StatementRules): Instant =>
  plus(beginningOf(dayAfter(day)), minutes(rules.readyAfterMinutes));

export const lateAt = (day: BusinessDate, rules: StatementRules): Instant =>
  plus(beginningOf(dayAfter(day)), minutes(rules.lateAfterMinutes));

/** The last day whose file should lie there by now. */
export const lastDayThere = (rules: StatementRules, at: Instant): BusinessDate =>
  readyAt(lastDay(at), rules) <= at ? lastDay(at) : dayAfter(lastDay(at), -1);

/** The kinds of file that an account with these settings has. */
export function kindsOf(
  { manifest }: Connector,
  settings: Readonly<Record<string, string>>,
): readonly (readonly [string, StatementKind])[] {
  const isSet = ({ setting, oneOf }: SettingWish): boolean => {
    const value = settings[setting] ?? '';
    return value !== '' && (oneOf?.includes(value) ?? true);
  };
  const kinds: readonly [string, StatementKind][] = Object.entries(manifest.statement?.kinds ?? {});
  return kinds.filter(([, { closedBy = [] }]) => !closedBy.some(isSet));
}

/**
 * The days that are not there yet, from the first that is, and of an account that has none, yesterday. A later one that somebody asked for by hand
 * stands for itself only. None from before there was an account, none that the channel gives no more.
 */
export function daysToPlan(
  rules: StatementRules,
  account: { readonly createdAt: Instant; readonly planned: PlannedDays | undefined },
  at: Instant,
): readonly BusinessDate[] {
  const yesterday = lastDay(at);
  const { first = yesterday, days: there = [] } = account.planned ?? {};
  const earliest = [first, shanghaiDate(account.createdAt), firstDay(rules, at)].sort().at(-1) ?? first;
  return daysFrom(earliest, yesterday).filter((day) => !there.includes(day));
}

/** Spread like the orders: jobs and exchanges of one day lie together. */
export const bucketOfDay = (accountId: string, kind: string, day: BusinessDate): number =>
  bucketOf(accountId, `${kind} ${day}`);
