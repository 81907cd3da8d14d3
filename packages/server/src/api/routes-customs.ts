import { Type } from 'typebox';
import { plus } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import {
  countWaiting,
  findReport,
  importPayments,
  importPortList,
  importReceipts,
  judgeReport,
  listReportsOf,
  readVerdicts,
  startTriage,
} from '../customs/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { problemOf, refuseAs } from '../platform/refusals.ts';
import { badInput } from './problems.ts';
import { pageOut, pageSize, placeOf } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { absent, merchantOf, noAccount, reply, route } from './route.ts';
import type { Reply, Route } from './route.ts';
import * as S from './schemas.ts';

const id = S.object({ id: Type.String({ maxLength: 64 }) });
const text = (maxLength: number) => Type.Optional(Type.String({ maxLength }));
const noReport = { absent: absent('customs.report_not_found', 'report') };
const fileQuery = { merchant_id: text(64), file_name: Type.String({ minLength: 1, maxLength: 255 }) };
const wait = Type.Optional(Type.String({ pattern: '^([0-9]|[12][0-9]|30)s$', description: 'at most 30s' }));

export function customsRoutes(parts: ApiParts): Route[] {
  return [...importRoutes(parts), ...reportRoutes(parts)];
}

function importRoutes({ customs, transport }: ApiParts): Route[] {
  return [
    route({
      ...{ method: 'POST', path: '/v1/payments/import', tag: 'customs', permission: 'payments.import', upload: true },
      summary: 'Take over declared payments of another system from a file',
      query: S.object({
        ...{ ...fileQuery, account_id: Type.String({ maxLength: 64 }) },
        ...{
          place: text(20),
          customs_code: text(20),
          customs_name: text(256),
          declared_amount: text(20),
          paid_at: text(40),
          request_no_template: text(128),
        },
      }),
      absent: ({ query }) => noAccount(query.account_id),
      answers: { 200: S.ImportedPayments },
      async run({ actor, query, bytes }) {
        const { merchant_id, file_name, account_id, request_no_template, ...defaults } = query;
        const merchantId = merchantOf(actor, merchant_id);
        if (!merchantId.ok) return merchantId;
        const template = request_no_template === undefined ? {} : { requestNoTemplate: request_no_template };
        const names = { merchantId: merchantId.value, accountId: account_id, fileName: file_name };
        const imported = await importPayments({ ...customs, transport }, actor, {
          ...{ ...names, bytes, defaults },
          ...template,
        });
        if (!imported.ok) return imported;
        const refusals = imported.value.refusals.map(({ line, refusal }) => ({
          line,
          problem: problemOf(refusal, ''),
        }));
        return reply({ ...imported.value, refusals });
      },
    }),
    route({
      ...{ method: 'POST', path: '/v1/customs/reports', tag: 'customs', permission: 'customs.import', upload: true },
      summary: "Take a port's list as it is",
      query: S.object({
        ...fileQuery,
        meaning: Type.Optional(Type.Union([Type.Literal('missing'), Type.Literal('status_only')])),
      }),
      answers: { 200: S.ImportedList, 201: S.ImportedList },
      async run({ actor, query, bytes }) {
        const merchantId = merchantOf(actor, query.merchant_id);
        if (!merchantId.ok) return merchantId;
        const meaning = query.meaning ?? 'missing';
        const file = { merchantId: merchantId.value, fileName: query.file_name, bytes, meaning };
        const imported = await importPortList(customs, actor, file);
        return imported.ok ? reply(imported.value, imported.value.again ? 200 : 201) : imported;
      },
    }),
    route({
      ...{ method: 'POST', path: '/v1/customs/receipts', tag: 'customs', permission: 'customs.import', upload: true },
      summary: 'Take receipts of customs from a file',
      query: S.object(fileQuery),
      answers: { 200: S.ImportedReceipts },
      async run({ actor, query, bytes }) {
        const merchantId = merchantOf(actor, query.merchant_id);
        if (!merchantId.ok) return merchantId;
        const imported = await importReceipts(customs, actor, merchantId.value, query.file_name, bytes);
        return imported.ok ? reply(imported.value) : imported;
      },
    }),
  ];
}

function reportRoutes(parts: ApiParts): Route[] {
  const { customs } = parts;
  return [
    route({
      ...{ method: 'GET', path: '/v1/customs/reports', tag: 'customs', permission: 'numbers.read' },
      summary: "Ports' lists, newest first",
      query: S.object(S.paging),
      answers: { 200: S.pageOf(S.ReportLine) },
      async run({ actor, query }) {
        const place = placeOf(query, ['number', 'string']);
        if (!place.ok) return place;
        const after = place.value && { importedAt: Number(place.value[0]) as Instant, id: String(place.value[1]) };
        const size = pageSize(query);
        const found = await listReportsOf(customs, actor, size + 1, after);
        return found.ok ? reply(pageOut(found.value, size, (one) => [one.importedAt, one.id])) : found;
      },
    }),
    route({
      ...{ method: 'GET', path: '/v1/customs/reports/{id}', tag: 'customs', permission: 'numbers.read', params: id },
      ...noReport,
      summary: 'One list, with what separates its stuck from its released',
      answers: { 200: S.Report },
      async run({ actor, params }) {
        const report = await findReport(parts.db, params.id);
        if (!report) return refuseAs('customs.report_not_found', { report: params.id });
        const permitted = allowed(actor, 'numbers.read', report.merchantId);
        return permitted.ok ? reply(report) : permitted;
      },
    }),
    route({
      ...{ method: 'POST', path: '/v1/customs/reports/{id}/triage', tag: 'customs', permission: 'customs.triage' },
      summary: 'Ask the channel about every member, then judge. 202: not everybody has answered yet, call again',
      ...{ ...noReport, params: id },
      query: S.object({ wait }),
      answers: { 200: S.Triage, 202: S.Triage },
      run: ({ actor, params, query }) => triage(parts, actor, params.id, Number.parseInt(query.wait ?? '0', 10) * 1000),
    }),
    route({
      ...{ method: 'GET', path: '/v1/customs/reports/{id}/verdicts', tag: 'customs', permission: 'numbers.read' },
      summary: 'Verdicts of the last triage with the facts that led to them, in the order of the lines',
      ...{ ...noReport, params: id },
      query: S.object(S.paging),
      answers: { 200: S.pageOf(S.Verdict) },
      async run({ actor, params, query }) {
        const place = placeOf(query, ['number', 'string']);
        if (!place.ok) return place;
        const after = place.value && { line: Number(place.value[0]), declarationId: String(place.value[1]) };
        if (after && !isDeclarationId(after.declarationId))
          return { ok: false, refusal: badInput('cursor', query.cursor ?? '', 'take it from next_cursor') };
        const size = pageSize(query);
        const found = await readVerdicts(customs, actor, params.id, size + 1, after);
        if (!found.ok) return found;
        const page = pageOut(found.value, size, (one) => [one.line, one.declarationId]);
        return reply({ ...page, items: page.items.map(verdictView) });
      },
    }),
  ];
}

const isDeclarationId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

type ReadVerdict = Extract<Awaited<ReturnType<typeof readVerdicts>>, { ok: true }>['value'][number];

function verdictView({ row, verdictRow, cause: _code, ...one }: ReadVerdict): unknown {
  if (!row) return { ...one, row: verdictRow ?? null };
  return {
    ...one,
    row: verdictRow,
    cause: { code: row.cause, zh: row.causeZh, en: row.causeEn },
    do: { code: row.action, who: row.who, zh: row.doZh, en: row.doEn },
  };
}

/** Waits no longer than asked; what was asked of the channel goes on without the caller. */
async function triage(parts: ApiParts, actor: Actor, reportId: string, waitMs: number): Promise<Result<Reply>> {
  const { customs, clock, worker } = parts;
  const started = await startTriage(customs, actor, reportId);
  if (!started.ok) return started;
  worker.nudge();
  const until = plus(clock.now(), waitMs);
  let waiting = await countWaiting(customs, started.value);
  while (waiting > 0 && clock.now() < until) {
    await clock.sleepUntil(plus(clock.now(), 100));
    waiting = await countWaiting(customs, started.value);
  }
  const { since, asked } = started.value;
  if (waiting > 0) return reply({ report: reportId, since, asked, waiting, causes: {}, rows: {} }, 202);
  const judged = await judgeReport(customs, reportId);
  if (!judged.ok) return judged;
  const count = (keys: readonly string[]): Record<string, number> => {
    const counts = new Map<string, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return Object.fromEntries(counts);
  };
  const causes = count(judged.value.map(({ verdict }) => verdict.row.cause));
  const rows = count(judged.value.map(({ verdict }) => verdict.row.row));
  return reply({ report: reportId, since, asked, waiting, causes, rows });
}
