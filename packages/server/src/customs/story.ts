import { done, isSerialNo, plus, refuse } from '../kernel/index.ts';
import type { Instant, Money, Refusal, Result } from '../kernel/index.ts';
import { findCasesOf } from '../cases/index.ts';
import { allowed, everyMerchant, findAuditOf } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { RecordKey } from '../platform/commands.ts';
import { normalForm } from '../platform/numbers.ts';
import { both, findExchangesOf, findJobsOf } from '../platform/story/index.ts';
import type { CaseLine, DueJob, NextStep, Possible, Reach, TimelineEntry, Words } from '../platform/story/index.ts';
import type { CustomsJobParts } from './calls.ts';
import { callLimitMs, emptySummary, foldFact, stateAt } from './declaration.ts';
import type { Declaration, DeclarationState } from './declaration.ts';
import { timelineOf } from './story-lines.ts';
import type { StoryRows } from './story-lines.ts';
import { nextOf, possibleOf } from './story-next.ts';
import { findNumbered, isNumbered } from './story-numbered.ts';
import type { NumberedStory } from './story-numbered.ts';
import { findByIds, findByNumbers, findPackLines, findPlanLines, findReportLines } from './story-store.ts';
import { jobWords, stateWords } from './story.texts.ts';
import { findDeclarations, findFacts } from './store.ts';
import type { KeptFact } from './store.ts';

/** One declaration: who it is, what was said and done, what happens next, what one can do. */
export type DeclarationStory = {
  readonly kind: 'declaration';
  readonly id: string;
  readonly merchantId: string;
  readonly orderNo: string;
  /** Empty: not split. */
  readonly childOrderNo: string;
  readonly tradeNo: string;
  readonly requestNo: string | undefined;
  readonly waybillNo: string | undefined;
  readonly pushedPaymentNos: readonly string[];
  readonly accountId: string;
  readonly channel: { readonly id: string; readonly words: Words };
  readonly place: string;
  readonly amount: Money;
  readonly paidAt: Instant;
  readonly state: { readonly code: DeclarationState; readonly words: Words; readonly since: Instant | undefined };
  readonly timeline: readonly TimelineEntry[];
  readonly next: readonly NextStep[];
  readonly openCases: readonly CaseLine[];
  readonly can: readonly Possible[];
};

export type Story = DeclarationStory | NumberedStory;

export type AskedNumber = {
  readonly number: string;
  /** Which numbers of the records these are: `order`, `trade`, `waybill` … Empty when nothing was found. */
  readonly kinds: readonly string[];
  readonly stories: readonly Story[];
  /** number.not_found, or number.check_digit for a serial number with a wrong digit. */
  readonly refusal?: Refusal;
};

export type StoriesAnswer = {
  readonly asked: readonly AskedNumber[];
  /** More records carry these numbers than one answer holds: ask with fewer numbers. */
  readonly more: boolean;
};

const numbersMax = 100;
const recordsMax = 500;
const uuidForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * One number → whole story, for any number that a person may paste: order, child order, request, trade, pushed payment, waybill, a
 * declaration's id, a plan, report, approval or case. A list of numbers gives a list of answers in its order.
 * @returns refusals of `allowed`, usage.bad_input; a number that is not found is an answer, not a refusal of the whole.
 */
export async function findStories(
  parts: CustomsJobParts,
  actor: Actor,
  numbers: readonly string[],
): Promise<Result<StoriesAnswer>> {
  const reach = reachOf(actor);
  if (!reach.ok) return reach;
  const wanted = [...new Set(numbers.map((number) => number.trim()).filter((number) => normalForm(number) !== ''))];
  if (wanted.length === 0 || wanted.length > numbersMax)
    return refuse('usage.bad_input', { field: 'numbers', value: String(wanted.length), problem: `1 to ${numbersMax}` });
  const { hits, more } = await findKeys(parts, reach.value, wanted.filter(canBeNumber));
  const numbered = await findNumbered(parts, reach.value, wanted.map(normalForm).filter(isNumbered));
  const keys = uniqueKeys([...hits.map(({ key }) => key), ...numbered.flatMap((one) => one.about)]);
  const stories = new Map((await tellDeclarations(parts, keys)).map((story) => [story.id, story]));
  const asked = wanted.map((number): AskedNumber => {
    const form = normalForm(number);
    const own = hits.filter((hit) => hit.number === form);
    const found = numbered.filter((one) => one.story.id === form);
    const ids = new Set([...own.map((hit) => hit.key.id), ...found.flatMap((one) => one.about.map((key) => key.id))]);
    const told = [...found.map((one) => one.story), ...[...ids].flatMap((id) => stories.get(id) ?? [])];
    const kinds = [...new Set([...found.map((one) => one.story.kind), ...own.map((hit) => hit.kind)])];
    return { number, kinds, stories: told, ...(told.length === 0 ? { refusal: notFound(form) } : {}) };
  });
  return done({ asked, more });
}

/** PostgreSQL takes neither NUL nor halves of characters; no number is that long. Such a text is answered as not found. */
export function canBeNumber(text: string): boolean {
  return text.length <= 128 && text.isWellFormed() && !/[\u0000-\u001f]/.test(text);
}

/** Which merchants this actor may look at; the role is asked for first. */
function reachOf(actor: Actor): Result<Reach> {
  const everywhere = actor.merchants.includes(everyMerchant);
  const permitted = allowed(actor, 'numbers.read', everywhere ? undefined : actor.merchants[0]);
  return permitted.ok ? done(everywhere ? 'all' : actor.merchants) : permitted;
}

type Hit = { readonly number: string; readonly kind: string; readonly key: RecordKey };

async function findKeys(
  parts: CustomsJobParts,
  reach: Reach,
  wanted: readonly string[],
): Promise<{ hits: Hit[]; more: boolean }> {
  const found = await findByNumbers(parts.db, reach, wanted, recordsMax + 1);
  const ids = wanted.filter((number) => uuidForm.test(number)).map((id) => id.toLowerCase());
  const byId = ids.length === 0 ? [] : await findByIds(parts.db, reach, ids);
  const hits = [
    ...found.slice(0, recordsMax),
    ...byId.map((key) => ({
      number: normalForm(key.id),
      kind: 'declaration',
      key: { bucket: key.bucket, id: key.id },
    })),
  ];
  return { hits, more: found.length > recordsMax };
}

function uniqueKeys(keys: readonly RecordKey[]): RecordKey[] {
  return [...new Map(keys.map((key) => [key.id, key])).values()];
}

/** Twenty digits that begin with a day are meant as a serial number: a wrong check digit is a slip of the pen. */
function notFound(form: string): Refusal {
  const slip = /^\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{14}$/.test(form) && !isSerialNo(form);
  return { code: slip ? 'number.check_digit' : 'number.not_found', params: { number: form } };
}

async function tellDeclarations(parts: CustomsJobParts, keys: readonly RecordKey[]): Promise<DeclarationStory[]> {
  if (keys.length === 0) return [];
  const { db } = parts;
  const [declarations, facts, exchanges, plans, reports, packs, jobs, cases] = await Promise.all([
    findDeclarations(db, keys),
    findFacts(db, keys),
    findExchangesOf(db, keys),
    findPlanLines(db, keys),
    findReportLines(db, keys),
    findPackLines(db, keys),
    findJobsOf(db, keys, [...jobWords.keys()]),
    findCasesOf(
      db,
      keys.map((key) => key.id),
    ),
  ]);
  const subjects = [
    ...plans.map((plan) => plan.planId),
    ...reports.map((report) => report.reportId),
    ...cases.map((one) => one.id),
  ];
  const audit = await findAuditOf(db, [...new Set(subjects)]);
  return declarations.map((declaration) => {
    const own = <T extends { readonly declarationId: string }>(rows: readonly T[]): T[] =>
      rows.filter((row) => row.declarationId === declaration.id);
    const ownCases = cases.filter((one) => one.subject === declaration.id);
    const rows = {
      facts: own(facts),
      exchanges: exchanges.filter((row) => row.subject === declaration.id),
      plans: own(plans),
      reports: own(reports),
      packs: own(packs),
    };
    const about = new Set([
      ...rows.plans.map((plan) => plan.planId),
      ...rows.reports.map((report) => report.reportId),
      ...ownCases.map((one) => one.id),
    ]);
    const lines = { ...rows, cases: ownCases, audit: audit.filter((entry) => about.has(entry.subject)) };
    return tell(
      parts,
      declaration,
      lines,
      jobs.filter((job) => job.subject === declaration.id),
    );
  });
}

function tell(
  parts: CustomsJobParts,
  declaration: Declaration,
  rows: StoryRows,
  jobs: readonly DueJob[],
): DeclarationStory {
  const now = parts.clock.now();
  const manifest = parts.channels.get(declaration.channel)?.manifest;
  const channel = manifest ? both(manifest.nameZh, manifest.nameEn) : both(declaration.channel, declaration.channel);
  const code = stateAt(declaration, now);
  const openCases = rows.cases.filter((one) => one.state === 'open');
  return {
    kind: 'declaration',
    id: declaration.id,
    merchantId: declaration.merchantId,
    orderNo: declaration.orderNo,
    childOrderNo: declaration.childOrderNo,
    tradeNo: declaration.tradeNo,
    requestNo: declaration.requestNo,
    waybillNo: declaration.waybillNo,
    pushedPaymentNos: declaration.summary.pushedPaymentNos,
    accountId: declaration.accountId,
    channel: { id: declaration.channel, words: channel },
    place: declaration.place,
    amount: declaration.declared,
    paidAt: declaration.paidAt,
    state: { code, words: stateWords[code], since: sinceWhen(declaration, rows.facts, code) },
    timeline: timelineOf(declaration, channel, rows),
    next: nextOf(declaration, code, jobs, openCases, channel, now),
    openCases,
    can: possibleOf(declaration, code, rows, openCases),
  };
}

/** The moment at which the facts, told one by one, led to this state for the last time. Undefined when the clock alone or nothing did. */
function sinceWhen(
  { requestNo }: Declaration,
  facts: readonly KeptFact[],
  code: DeclarationState,
): Instant | undefined {
  let summary = emptySummary;
  let before: DeclarationState | undefined;
  let since: Instant | undefined;
  for (const fact of facts) {
    summary = foldFact(summary, fact);
    const state = stateAt({ summary, ...(requestNo === undefined ? {} : { requestNo }) }, fact.heardAt);
    if (state !== before) since = fact.heardAt;
    before = state;
  }
  if (before === code) return since;
  return summary.push?.outcome === 'in_flight' ? plus(summary.push.startedAt, callLimitMs) : undefined;
}

export { openExchange } from './story-exchange.ts';
export type { KeptBytes, OpenedExchange } from './story-exchange.ts';
export { stateWords } from './story.texts.ts';
