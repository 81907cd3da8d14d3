import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { done, refuse, rfc3339, toDecimal } from '../kernel/index.ts';
import type { Currency, Instant, Result } from '../kernel/index.ts';
import { allowed } from '../identity/index.ts';
import {
  closeIncident,
  decideClose,
  findIncident,
  listIncidents,
  listMembers,
  showIncident,
  takeIncident,
} from '../incidents/index.ts';
import type { Incident, IncidentMember, ShownIncident } from '../incidents/index.ts';
import type { Answer, Words } from './answer.ts';
import { plain } from './answer.ts';
import { incidentTexts as t } from './incidents.texts.ts';
import { bilingualTable, count, money, time } from './layout.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { optionMissing } from './option-missing.ts';
import { merchantsSeen } from './scope.ts';
import { firstArg, text } from './session.ts';
import type { Run, Session } from './session.ts';

export function incidentCommands(kit: Kit, program: Command): void {
  const incidents = group(kit, program, 'incidents', t.incidents);
  leaf(kit, incidents, 'list', t.listAbout, list, [['--all', t.allOption]]);
  leaf(kit, incidents, 'show <incident>', t.showAbout, show);
  leaf(kit, incidents, 'members <incident>', t.membersAbout, members, [['--out <file>', t.outOption]]);
  leaf(kit, incidents, 'take <incident>', t.takeAbout, take);
  leaf(kit, incidents, 'close <incident>', t.closeAbout, close, [['--reason <text>', t.reasonOption]]);
}

const placeOf = ({ place }: Incident): Words => (place === '' ? t.wholeAccount : plain(place));

function jsonOf(incident: Incident): Record<string, unknown> {
  const { findings, onsetAt, seenAt, lastAffectedAt, closedAt } = incident;
  return {
    ...{ incident: incident.id, merchant: incident.merchantId, account: incident.accountId, channel: incident.channel },
    ...{ place: incident.place, state: incident.state, owner: incident.owner ?? null, usual: incident.usual },
    ...{ onset_at: rfc3339(onsetAt), onset_within_minutes: incident.onsetWithinMinutes, seen_at: rfc3339(seenAt) },
    ...{ last_affected_at: rfc3339(lastAffectedAt), asked: incident.asked, silent: incident.silent },
    ...{ members: findings.members, minor: findings.minor, currency: findings.currency, blame: findings.matrix.blame },
    ...{ affected: findings.affected, at_customs: findings.atCustoms, signals: incident.signals },
    closed_at: closedAt === undefined ? null : rfc3339(closedAt),
    close_reason: incident.closeReason ?? null,
  };
}

const list: Run = async (use, _args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { db, actor } = opened.value;
  const merchants = merchantsSeen(actor);
  const may = allowed(actor, 'numbers.read', merchants === 'all' ? undefined : merchants[0]);
  if (!may.ok) return may;
  const found = await listIncidents(db, { merchants, ...(options['all'] === true ? {} : { state: 'open' as const }) });
  const rows = (lang: 'zh' | 'en'): string[][] =>
    found.map((one) => [
      ...[one.id, one.channel, one.accountId, placeOf(one)[lang], t.states[one.state][lang], time(one.onsetAt)],
      ...[time(one.seenAt), count(one.findings.members), rulesOf(one), one.owner ?? '-'],
    ]);
  const lines = found.length === 0 ? [t.none] : bothTables(t.heads, rows, [7]);
  const [first] = found;
  const next = first ? { next: `liushui incidents show ${first.id}` } : {};
  return done({ exit: 0, lines, json: { incidents: found.map(jsonOf) }, ...next });
};

const rulesOf = ({ signals }: Incident): string => [...new Set(signals.map(({ rule }) => rule))].join(' ');

/** A table whose cells have two languages. */
function bothTables(
  heads: { readonly zh: readonly string[]; readonly en: readonly string[] },
  rows: (lang: 'zh' | 'en') => string[][],
  right: readonly number[] = [],
): Words[] {
  const en = bilingualTable(heads, rows('en'), right);
  return bilingualTable(heads, rows('zh'), right).map(({ zh }, index) => ({ zh, en: en[index]?.en ?? '' }));
}

const show: Run = async (use, args) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const shown = await showIncident(opened.value.db, opened.value.actor, firstArg(args));
  if (!shown.ok) return shown;
  const { incident, separation, past, quiet } = shown.value;
  const dimensions = (separation?.dimensions ?? []).map(({ name, lift, stuckSide }) => ({ name, lift, stuckSide }));
  const json = {
    ...jsonOf(incident),
    cells: incident.findings.matrix.cells,
    quiet,
    separates: dimensions,
    separating_dimension: separation?.best?.name ?? null,
    past: past.map(({ id }) => id),
    rest: incident.rest ?? [],
  };
  const next = incident.place === '' ? 'liushui jobs lanes' : `liushui incidents members ${incident.id} --out FILE.csv`;
  return done({ exit: 0, lines: linesOf(shown.value), json, next });
};

function linesOf({ incident, separation, quiet, past }: ShownIncident): readonly Words[] {
  const { findings, signals } = incident;
  const state = t.states[incident.state];
  const amount = money({ minor: BigInt(findings.minor), currency: findings.currency as Currency });
  const neighbours = quiet.slice(0, 5).map(({ channel, place, hits, of }) => `${channel} x ${place} ${hits}/${of}`);
  const isWhole = incident.place === '';
  return [
    t.head(incident.id, incident.channel, placeOf(incident), incident.accountId, state),
    t.onset(time(incident.onsetAt), incident.onsetWithinMinutes, time(incident.seenAt), incident.owner ?? ''),
    ...(isWhole ? [] : [t.size(findings.members, amount)]),
    ...signals.map(({ rule, figure, of, word }) => t.rules[rule](figure, of, word)),
    ...(isWhole ? [] : [t.usual(incident.usual, findings.now.hits, findings.now.of)]),
    ...(isWhole ? [] : matrixLines(incident)),
    ...(neighbours.length === 0 ? [] : [t.quiet(neighbours.join(', '))]),
    ...(isWhole ? [] : separationLines(separation)),
    past.length === 0 ? t.noPast : t.past(past.map(({ id, onsetAt }) => `${id} (${time(onsetAt)})`).join(', ')),
    closingWords(incident),
  ];
}

function matrixLines({ findings }: Incident): Words[] {
  const { cells, blame } = findings.matrix;
  const rows = (lang: 'zh' | 'en'): string[][] =>
    cells.map(({ channel, place, hits, of, red }) => [
      ...[channel, place, count(hits), count(of)],
      (red ? t.red : t.ok)[lang],
    ]);
  return [...bothTables(t.matrixHeads, rows, [2, 3]), t.blames[blame]];
}

const times = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

function separationLines(separation: ShownIncident['separation']): Words[] {
  if (!separation?.best) return [t.nothingSeparates];
  const rows = (lang: 'zh' | 'en'): string[][] =>
    separation.dimensions.map(({ name, lift, stuckSide }) => [
      t.dimensions[name][lang],
      `${times.format(lift)}x`,
      stuckSide
        .slice(0, 3)
        .map(({ from, to }) => (from === to ? from : `${from} – ${to}`))
        .join(', '),
    ]);
  return bothTables(t.separatesHeads, rows, [1]);
}

function closingWords(incident: Incident): Words {
  const { closedAt, closedBy, closeReason, rest, findings } = incident;
  if (closedAt !== undefined) return t.closed(time(closedAt), closedBy ?? '', closeReason ?? '', rest?.length ?? 0);
  return t.closes(findings.atCustoms, findings.affected);
}

async function readable({ db, actor }: Session, id: string): Promise<Result<Incident>> {
  const incident = await findIncident(db, id);
  if (!incident) return refuse('incident.not_found', { incident: id });
  const may = allowed(actor, 'numbers.read', incident.merchantId);
  return may.ok ? done(incident) : may;
}

const columns = [
  ...['order_no', 'child_order_no', 'request_no', 'trade_no', 'waybill_no', 'place', 'amount', 'currency'],
  ...['accepted_at', 'state', 'last_asked_at'],
];
const pageSize = 5000;

const members: Run = async (use, args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const found = await readable(opened.value, firstArg(args));
  if (!found.ok) return found;
  const file = text(options, 'out');
  if (file === undefined) return optionMissing('--out', 'FILE.csv');
  const lines: string[] = [columns.join(',')];
  let after: { acceptedAt: Instant; id: string } | undefined;
  do {
    const page: readonly IncidentMember[] = await listMembers(opened.value.db, found.value.id, pageSize, after);
    lines.push(...page.map(rowOf));
    after = page.length < pageSize ? undefined : page.at(-1);
  } while (after !== undefined);
  // Spreadsheets read UTF-8 only behind a byte order mark.
  await writeFile(file, `\ufeff${lines.join('\r\n')}\r\n`);
  const json = { incident: found.value.id, file, members: lines.length - 1 };
  const next = `liushui incidents show ${found.value.id}`;
  return done({ exit: 0, lines: [t.written(lines.length - 1, file)], json, next });
};

function rowOf(one: IncidentMember): string {
  const amount = toDecimal({ minor: BigInt(one.minor), currency: one.currency as Currency });
  return [
    ...[one.orderNo, one.childOrderNo, one.requestNo, one.tradeNo, one.waybillNo, one.place, amount, one.currency],
    ...[rfc3339(one.acceptedAt), one.state, one.lastAskedAt === null ? '' : rfc3339(one.lastAskedAt)],
  ]
    .map((cell) => (/[",\r\n]/.test(cell ?? '') ? `"${(cell ?? '').replaceAll('"', '""')}"` : (cell ?? '')))
    .join(',');
}

const take: Run = async (use, args) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor } = opened.value;
  const taken = await takeIncident(customs, actor, firstArg(args));
  if (!taken.ok) return taken;
  const { id } = taken.value;
  const next = `liushui incidents show ${id}`;
  return done({ exit: 0, lines: [t.taken(id, actor.name)], json: jsonOf(taken.value), next });
};

const close: Run = async (use, args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { customs, actor } = opened.value;
  const asked = await closeIncident(customs, actor, firstArg(args), text(options, 'reason') ?? '');
  if (!asked.ok) return asked;
  const { incident, ...told } = asked.value;
  if (told.kind === 'closed')
    return done({ exit: 0, lines: [t.closedNow(incident.id)], json: jsonOf(incident), next: 'liushui incidents list' });
  const json = { ...jsonOf(incident), approval: told.approvalId, digest: told.digest, open: told.open };
  const lines = [t.closeAsked(incident.id, told.open, told.approvalId)];
  return done({ exit: 4, lines, json, next: `liushui approvals approve ${told.approvalId}` });
};

/** For the approval by its number: what was asked for is carried out with the word that allows it. */
export async function decideOnClose(
  { customs, actor }: Session,
  approvalId: string,
  verdict: 'approve' | 'refuse',
  reason: string,
): Promise<Result<Answer>> {
  const decided = await decideClose(customs, actor, approvalId, verdict, reason);
  if (!decided.ok) return decided;
  const closed = decided.value;
  const lines = [closed ? t.closedNow(closed.id) : t.closeRefused(approvalId)];
  const json = { approval: approvalId, by: actor.userId, ...(closed ? jsonOf(closed) : {}) };
  return done({ exit: 0, lines, json, next: 'liushui incidents list' });
}
