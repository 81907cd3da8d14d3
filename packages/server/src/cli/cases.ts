import type { Command } from 'commander';
import { done, refuse, rfc3339 } from '../kernel/index.ts';
import { caseKinds, closeCase, findCase, listCases } from '../cases/index.ts';
import { allowed, listAudit, writeAudit } from '../identity/index.ts';
import { stampOf } from './consent.ts';
import { bilingualTable, time } from './layout.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { operationsTexts as t } from './operations.texts.ts';
import { optionMissing } from './option-missing.ts';
import { merchantsSeen } from './scope.ts';
import { firstArg, text } from './session.ts';
import type { Run } from './session.ts';

export function caseCommands(kit: Kit, program: Command): void {
  const cases = group(kit, program, 'cases', t.cases);
  leaf(kit, cases, 'list', t.casesListAbout, list, [['--all', t.allOption]]);
  leaf(kit, cases, 'close <case>', t.closeAbout, close, [['--reason <text>', t.reasonOption]]);
  leaf(kit, program, 'audit', t.auditAbout, audit, [
    ['--subject <number>', t.subjectOption],
    ['--actor <user>', t.actorOption],
    ['--limit <n>', t.limitOption],
  ]);
}

const list: Run = async (use, _args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { db, actor } = opened.value;
  const merchants = merchantsSeen(actor);
  const may = allowed(actor, 'cases.read', merchants === 'all' ? undefined : merchants[0]);
  if (!may.ok) return may;
  const state = options['all'] === true ? {} : { state: 'open' as const };
  const found = await listCases(db, { merchants, ...state, limit: 200 });
  const rows = (lang: 'zh' | 'en'): string[][] =>
    found.map((one) => [one.id, time(one.dueAt), caseKinds[one.kind][lang], one.subject, one.owner ?? '-']);
  const en = bilingualTable(t.caseHeads, rows('en'));
  const both = bilingualTable(t.caseHeads, rows('zh')).map(({ zh }, index) => ({ zh, en: en[index]?.en ?? '' }));
  const json = found.map((one) => ({
    ...{ case: one.id, kind: one.kind, state: one.state, subject: one.subject, subject_kind: one.subjectKind },
    ...{ owner: one.owner ?? null, params: one.params, runbook: caseKinds[one.kind].runbook },
    ...{ opened_at: rfc3339(one.openedAt), due_at: rfc3339(one.dueAt) },
    closed_at: one.closedAt === undefined ? null : rfc3339(one.closedAt),
  }));
  const [first] = found;
  const next = first ? { next: `liushui show ${first.id}` } : {};
  return done({ exit: 0, lines: found.length === 0 ? [t.noCases] : both, json: { cases: json }, ...next });
};

const close: Run = async (use, args, options) => {
  const reason = (text(options, 'reason') ?? '').trim();
  const id = firstArg(args);
  if (reason === '') return optionMissing('--reason');
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { db, actor, clock } = opened.value;
  const found = await findCase(db, id);
  if (!found) return refuse('case.not_found', { case: id });
  const may = allowed(actor, 'cases.close', found.merchantId === '*' ? undefined : found.merchantId);
  if (!may.ok) return may;
  const closed = await db.transaction(async (tx) => {
    const result = await closeCase(tx, id, clock.now());
    if (result.ok) await writeAudit(tx, [{ actor, act: 'case.closed', subject: id, reason }], stampOf(opened.value));
    return result;
  });
  return closed.ok
    ? done({ exit: 0, lines: [t.caseClosed(id)], json: { case: id, state: 'closed' }, next: 'liushui cases list' })
    : closed;
};

const audit: Run = async (use, _args, options) => {
  const limit = Number(text(options, 'limit') ?? '50');
  if (!Number.isInteger(limit) || limit < 1)
    return refuse('usage.bad_input', { field: '--limit', value: String(limit) });
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { db, actor } = opened.value;
  const may = allowed(actor, 'audit.read', undefined);
  if (!may.ok) return may;
  const subject = text(options, 'subject');
  const by = text(options, 'actor');
  const filter = { limit, ...(subject === undefined ? {} : { subject }), ...(by === undefined ? {} : { actor: by }) };
  const entries = await listAudit(db, filter);
  const rows = entries.map((one) => [time(one.at), one.actor, one.door, one.act, one.subject, one.reason.slice(0, 60)]);
  const lines = entries.length === 0 ? [t.noAudit] : bilingualTable(t.auditHeads, rows);
  return done({ exit: 0, lines, json: { entries: entries.map((one) => ({ ...one, at: rfc3339(one.at) })) } });
};
