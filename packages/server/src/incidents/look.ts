import { minutes, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { askSample, pausePlansOf, setSampling } from '../customs/index.ts';
import type { CustomsJobParts } from '../customs/index.ts';
import { nextNumbers } from '../platform/counters.ts';
import type { Tx } from '../platform/db.ts';
import { advance, isSampled, joinSignals } from './advance.ts';
import type { Told } from './advance.ts';
import { groupText } from './incident.ts';
import type { Findings, GroupKey, Incident } from './incident.ts';
import { countForBaselines, judgeGroup } from './judge.ts';
import type { Found, GroupView, Judged } from './judge.ts';
import { localise } from './localise.ts';
import type { Cell } from './localise.ts';
import {
  addToBaselines,
  findBacklogs,
  findCalls,
  findCurves,
  findLongCurve,
  findMissing,
  findRefused,
  findUsual,
  findWatched,
  saveLooks,
} from './look-store.ts';
import type { Missing } from './look-store.ts';
import { findOnset } from './onset.ts';
import { isBacklog, isReportedMissing, isUnwell, mainWait } from './rules.ts';
import { findAccounts, findRest, findSizes, insertIncidents, lockOpen, updateIncidents } from './store.ts';
import { tellChanges } from './tell.ts';

/** What the look needs of the process it runs in. */
export type IncidentParts = CustomsJobParts;

export type Look = { readonly opened: readonly string[]; readonly closed: readonly string[]; readonly open: number };

/** A group in which a rule holds, watched or not. */
type Trouble = GroupKey & {
  readonly merchantId: string;
  readonly channel: string;
  readonly found: readonly Found[];
  readonly onsetAt: Instant;
  readonly onsetWithinMinutes: number;
  readonly lastAffectedAt: Instant;
};

type Seen = {
  readonly views: readonly GroupView[];
  readonly judged: ReadonlyMap<string, Judged>;
  readonly troubles: ReadonlyMap<string, Trouble>;
};

/** One look at all groups: what rules hold, which incidents open, go on and close. Sends nothing. */
export async function lookOnce(parts: IncidentParts, at: Instant): Promise<Look> {
  const seen = await see(parts, at);
  const changes = await parts.db.transaction(async (tx) => {
    const before = await lockOpen(tx);
    const sizes = await findSizes(
      tx,
      before.map(({ id }) => id),
    );
    const advanced = before.map((incident) => advance(incident, toldOf(seen, incident), sizes.get(incident.id), at));
    const opened = await open(tx, seen, before, at);
    const fresh = await findSizes(
      tx,
      opened.map(({ id }) => id),
    );
    const after = [...advanced, ...opened].map((incident) => ({
      ...incident,
      findings: findingsOf(seen, incident, fresh.get(incident.id) ?? sizes.get(incident.id), incident.findings),
    }));
    const named: Incident[] = [];
    for (const incident of after) named.push(await nameRest(tx, await sample(tx, incident, at)));
    await updateIncidents(tx, named);
    await saveBaselines(tx, seen, named, at);
    await tellChanges(tx, parts, before, named, at);
    return { opened: opened.map(({ id }) => id), after: named };
  });
  setGauges(parts, seen, changes.after);
  await pausePlans(parts, seen);
  const closed = changes.after.filter(({ state }) => state === 'closed').map(({ id }) => id);
  return { opened: changes.opened, closed, open: changes.after.length - closed.length };
}

async function see(parts: IncidentParts, at: Instant): Promise<Seen> {
  const { db } = parts;
  const [watched, curves, usual, refused] = await Promise.all([
    findWatched(db),
    findCurves(db, at),
    findUsual(db, at),
    findRefused(db, at),
  ]);
  const views = watched.map((group): GroupView => {
    const key = groupText(group);
    const rules = parts.channels.get(group.channel)?.manifest.customs;
    return {
      group,
      givesCodes: (rules?.places[group.place] ?? rules?.unlistedPlace)?.givesCodes ?? false,
      curves: curves.get(key) ?? new Map(),
      usual: usual.get(key) ?? new Map(),
      refused: refused.get(key) ?? [],
    };
  });
  const judged = new Map(views.map((view) => [groupText(view.group), judgeGroup(view, at)]));
  return { views, judged, troubles: await findTroubles(parts, judged, at) };
}

async function findTroubles(
  { db }: IncidentParts,
  judged: ReadonlyMap<string, Judged>,
  at: Instant,
): Promise<ReadonlyMap<string, Trouble>> {
  const [missing, calls, backlogs] = await Promise.all([findMissing(db, at), findCalls(db, at), findBacklogs(db, at)]);
  const accounts = await findAccounts(db);
  const troubles: Trouble[] = [...judged.values()].flatMap(troubleOfGroup(at));
  troubles.push(...missing.filter(isReportedMissing).map(troubleOfReports));
  for (const account of accounts) {
    const found: Found[] = calls
      .filter((one) => one.accountId === account.accountId && isUnwell(one))
      .map(({ operation, hits, of }) => ({ rule: 'D5', figure: hits, of, word: operation }));
    const backlog = backlogs.get(account.accountId);
    if (backlog && isBacklog(backlog))
      found.push({ rule: 'D6', figure: backlog.late, of: Math.round(backlog.oldestMs / 1000), word: '' });
    if (found.length > 0)
      troubles.push({
        ...{ ...account, place: '', found, onsetWithinMinutes: 5, lastAffectedAt: at },
        onsetAt: plus(at, -minutes(5)),
      });
  }
  return joinTroubles(troubles);
}

const troubleOfGroup =
  (at: Instant) =>
  ({ group, found, onset }: Judged): Trouble[] => {
    if (found.length === 0) return [];
    const { accountId, place, merchantId, channel } = group;
    const key = { accountId, place, merchantId, channel };
    return [
      {
        ...{ ...key, found },
        onsetAt: onset?.at ?? plus(at, -minutes(mainWait)),
        onsetWithinMinutes: onset?.withinMinutes ?? mainWait,
        lastAffectedAt: onset?.lastAffectedAt ?? at,
      },
    ];
  };

function troubleOfReports({ accountId, place, merchantId, channel, recent, from, to }: Missing): Trouble {
  const found: Found[] = [{ rule: 'D2', figure: recent, of: recent, word: '' }];
  const key = { accountId, place, merchantId, channel };
  return { ...key, found, onsetAt: from, onsetWithinMinutes: 0, lastAffectedAt: to };
}

/** One incident per group, whatever saw it: the earliest onset, the latest that is affected. */
function joinTroubles(troubles: readonly Trouble[]): ReadonlyMap<string, Trouble> {
  const joined = new Map<string, Trouble>();
  for (const one of troubles) {
    const other = joined.get(groupText(one));
    joined.set(
      groupText(one),
      other === undefined
        ? one
        : {
            ...(one.onsetAt < other.onsetAt ? one : other),
            found: [...other.found, ...one.found],
            lastAffectedAt: Math.max(one.lastAffectedAt, other.lastAffectedAt) as Instant,
          },
    );
  }
  return joined;
}

function toldOf({ judged, troubles }: Seen, incident: Incident): Told {
  const key = groupText(incident);
  const [trouble, group] = [troubles.get(key), judged.get(key)];
  const isKnown = group !== undefined && (group.overdue || group.window.of > 0);
  const found = trouble?.found ?? [];
  return {
    found: group?.quiet ? found.filter(({ rule }) => rule !== 'D1') : found,
    quiet: isKnown ? group.quiet : undefined,
    lastAffectedAt: trouble?.lastAffectedAt ?? group?.onset?.lastAffectedAt,
  };
}

async function open(tx: Tx, seen: Seen, before: readonly Incident[], at: Instant): Promise<readonly Incident[]> {
  const known = new Set(before.map(groupText));
  const fresh = [...seen.troubles].filter(([key]) => !known.has(key)).map(([, trouble]) => trouble);
  const numbers = await nextNumbers(tx, 'incident', fresh.length);
  const incidents: Incident[] = [];
  for (const [index, trouble] of fresh.entries()) {
    const dated = await dateBack(tx, seen, trouble, at);
    incidents.push(incidentOf(seen, dated, `I-${numbers[index]}`, at));
  }
  const inserted = await insertIncidents(tx, incidents);
  return incidents.filter(({ id }) => inserted.has(id));
}

/** Silence may be older than what a look reads: where it began is found in a day of cohorts, once. */
async function dateBack(tx: Tx, { judged }: Seen, trouble: Trouble, at: Instant): Promise<Trouble> {
  const group = judged.get(groupText(trouble));
  if (group?.onset === undefined) return trouble;
  const onset = findOnset(await findLongCurve(tx, trouble, at), mainWait, group.usual, at);
  if (onset === undefined || onset.at >= trouble.onsetAt) return trouble;
  return { ...trouble, onsetAt: onset.at, onsetWithinMinutes: onset.withinMinutes };
}

function incidentOf(seen: Seen, trouble: Trouble, id: string, at: Instant): Incident {
  const { found, ...group } = trouble;
  const judged = seen.judged.get(groupText(trouble));
  return {
    ...group,
    id,
    state: 'open',
    signals: joinSignals([], found, at),
    seenAt: at,
    usual: judged?.usual ?? 0,
    asked: judged?.window.of ?? 0,
    silent: judged?.window.hits ?? 0,
    findings: findingsOf(seen, trouble, undefined, undefined),
    ...{ quietSince: undefined, sampledAt: undefined, owner: undefined, closedAt: undefined },
    ...{ closedBy: undefined, closeReason: undefined, rest: undefined },
  };
}

function findingsOf(
  { judged }: Seen,
  { merchantId, channel, place, accountId }: Pick<Incident, 'merchantId' | 'channel' | 'place' | 'accountId'>,
  size: { members: number; minor: number; affected: number; atCustoms: number } | undefined,
  before: Findings | undefined,
): Findings {
  const own = [...judged.values()].filter(({ group }) => group.merchantId === merchantId);
  const byCell = Map.groupBy(own, ({ group }) => `${group.channel}/${group.place}`);
  const cells = [...byCell.values()].map((groups): Cell => ({
    channel: groups[0]?.group.channel ?? '',
    place: groups[0]?.group.place ?? '',
    red: groups.some(({ overdue }) => overdue),
    hits: groups.reduce((sum, { window }) => sum + window.hits, 0),
    of: groups.reduce((sum, { window }) => sum + window.of, 0),
  }));
  const matrix = localise(cells, { channel, place });
  return {
    ...{ members: 0, minor: 0, affected: 0, atCustoms: 0, currency: 'CNY', ...size },
    now: judged.get(groupText({ accountId, place }))?.window ?? { hits: 0, of: 0 },
    // What pointed where while it lasted stays, when the cell itself is as usual again.
    matrix: before && !cells.some((cell) => cell.red) ? { ...matrix, blame: before.matrix.blame } : matrix,
  };
}

const sampleEveryMs = minutes(5);

/** While it is open, ten of those that have just aged are asked every five minutes; while it closes, those that nobody asked about. */
async function sample(tx: Tx, incident: Incident, at: Instant): Promise<Incident> {
  if (incident.place === '') return incident;
  const wants = isSampled(incident);
  if (!wants && incident.sampledAt !== undefined && incident.state !== 'closing') {
    await setSampling(tx, incident, undefined);
    return { ...incident, sampledAt: undefined };
  }
  if (wants && incident.sampledAt === undefined) await setSampling(tx, incident, at);
  if (!wants && incident.state !== 'closing') return incident;
  if (incident.sampledAt !== undefined && at - incident.sampledAt < sampleEveryMs) return incident;
  if (!wants) await setSampling(tx, incident, undefined);
  const agedAt = plus(at, -minutes(mainWait));
  const wish = wants
    ? { from: plus(agedAt, -sampleEveryMs - minutes(1)), to: agedAt, count: 10 }
    : { from: incident.onsetAt, to: plus(incident.lastAffectedAt, minutes(1)), count: 500 };
  await askSample(tx, incident, wish, at);
  return { ...incident, sampledAt: at };
}

/** As many as a person may read; the others are found by their state. */
const restMost = 1000;

async function nameRest(tx: Tx, incident: Incident): Promise<Incident> {
  if (incident.state !== 'closed' || incident.place === '') return incident;
  return { ...incident, rest: await findRest(tx, incident.id, restMost) };
}

async function saveBaselines(tx: Tx, seen: Seen, open: readonly Incident[], at: Instant): Promise<void> {
  const ill = new Set(open.map(groupText));
  const hour = 3_600_000;
  const counted = seen.views
    .filter(({ group }) => !ill.has(groupText(group)) && !seen.judged.get(groupText(group))?.overdue)
    .flatMap((view) =>
      countForBaselines(view, at).map((count) => ({
        ...{ accountId: view.group.accountId, place: view.group.place, what: count.what },
        ...{ hour: Math.floor(count.minute / hour) * hour, asked: count.asked, found: count.found },
      })),
    );
  const folded = new Map<string, Parameters<typeof addToBaselines>[1][number]>();
  for (const { hour: start, ...one } of counted) {
    const key = `${groupText(one)}/${one.what}/${start}`;
    const other = folded.get(key);
    const [asked, found] = [one.asked + (other?.asked ?? 0), one.found + (other?.found ?? 0)];
    folded.set(key, { ...one, hour: start as Instant, asked, found });
  }
  await addToBaselines(tx, [...folded.values()]);
  const looks = [...seen.judged.values()].map(({ group, overdue }) => ({
    ...{ accountId: group.accountId, place: group.place },
    hotAt: overdue ? at : undefined,
  }));
  await saveLooks(tx, looks, at);
}

function setGauges({ metrics }: IncidentParts, { judged }: Seen, incidents: readonly Incident[]): void {
  const open = incidents.filter(({ state }) => state !== 'closed');
  const channels = new Set([...judged.values()].map(({ group }) => group.channel));
  for (const channel of new Set([...channels, ...incidents.map((one) => one.channel)]))
    metrics.set('liushui_incidents_open', { channel }, open.filter((one) => one.channel === channel).length);
  for (const { group, window, usual } of judged.values()) {
    const labels = { account: group.accountId, place: group.place };
    metrics.set('liushui_overdue_share', labels, window.of === 0 ? 0 : window.hits / window.of);
    metrics.set('liushui_usual_share', labels, usual);
  }
}

/** A channel that fails every twentieth call must not be pushed at: each push may be one that nobody knows the end of. */
async function pausePlans(parts: IncidentParts, { troubles }: Seen): Promise<void> {
  for (const { accountId, found } of troubles.values())
    if (found.some(({ rule }) => rule === 'D5')) await pausePlansOf(parts, accountId, 'channel_unwell');
}
