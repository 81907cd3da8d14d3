import { Type } from 'typebox';
import { done } from '../kernel/index.ts';
import type { BusinessDate, Result } from '../kernel/index.ts';
import { explain } from '../platform/refusals.ts';
import { findLines, isDay, isLate, listDays, openStatementFile, showStatement } from '../statements/index.ts';
import type { ShownStatement, StatementDay } from '../statements/index.ts';
import { pageOut, pageSize, placeOf } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { badInput } from './problems.ts';
import { absent, reachOf, reply, route } from './route.ts';
import type { Reply, Route } from './route.ts';
import { ShownStatementView, StatementDayView, StatementLineView } from './routes-statements-schemas.ts';
import * as S from './schemas.ts';

const id = S.object({ id: Type.String({ maxLength: 64 }) });
const of = { tag: 'statements', params: id, absent: absent('statement.not_found', 'statement') } as const;
const day = Type.Optional(Type.String({ format: 'date' }));
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function statementRoutes(parts: ApiParts): Route[] {
  return [listRoute(parts), ...oneRoutes(parts)];
}

function listRoute({ db, clock }: ApiParts): Route {
  return route({
    ...{ method: 'GET', path: '/v1/statements', tag: 'statements', permission: 'numbers.read' },
    summary: 'Days and kinds of statements, the newest day first, also those that are missing',
    query: S.object({
      ...S.paging,
      ...{ account_id: Type.Optional(Type.String({ maxLength: 64 })) },
      ...{ kind: Type.Optional(Type.String({ maxLength: 64 })), from: day, to: day },
      only: Type.Optional(Type.Literal('missing', { description: 'Those that should be here and are not' })),
    }),
    answers: { 200: S.pageOf(StatementDayView) },
    async run({ actor, query }) {
      const merchants = reachOf(actor, 'numbers.read');
      if (!merchants.ok) return merchants;
      const place = placeOf(query, ['string', 'string']);
      if (!place.ok) return place;
      const range = rangeOf(query);
      if (!range.ok) return range;
      const [afterDay, afterId] = (place.value ?? []).map(String);
      const [at, size] = [clock.now(), pageSize(query)];
      const isPlace = afterDay !== undefined && isDay(afterDay) && uuid.test(afterId ?? '');
      if (afterDay !== undefined && !isPlace)
        return { ok: false, refusal: badInput('cursor', query.cursor ?? '', 'take it from next_cursor') };
      const found = await listDays(db, {
        ...{ merchants: merchants.value, limit: size + 1, ...range.value },
        ...(query.account_id === undefined ? {} : { accountId: query.account_id }),
        ...(query.kind === undefined ? {} : { kinds: [query.kind] }),
        ...(query.only === 'missing' ? { lateAt: at } : {}),
        ...(isPlace ? { after: { day: afterDay, id: afterId ?? '' } } : {}),
      });
      const page = pageOut(found, size, (last) => [last.day, last.id]);
      return reply({ ...page, items: page.items.map((one) => ({ ...dayView(one), late: isLate(one, at) })) });
    },
  });
}

type Range = { readonly from?: BusinessDate; readonly to?: BusinessDate };

/** The form is checked by the schema; that the day exists is not. */
function rangeOf({ from, to }: { readonly from?: string; readonly to?: string }): Result<Range> {
  if (from !== undefined && !isDay(from)) return { ok: false, refusal: badInput('from', from, '2026-12-01') };
  if (to !== undefined && !isDay(to)) return { ok: false, refusal: badInput('to', to, '2026-12-01') };
  return done({ ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) });
}

function dayView(one: StatementDay): Record<string, unknown> {
  const { day: on, kind, state, why, readyAt, lateAt, askedAt, statementId = null } = one;
  const owner = { accountId: one.accountId, merchantId: one.merchantId };
  return { day: on, kind, state, why, readyAt, lateAt, ...owner, askedAt: askedAt ?? null, statementId };
}

function oneRoutes(parts: ApiParts): Route[] {
  const { customs, db } = parts;
  return [
    route({
      ...{ ...of, method: 'GET', path: '/v1/statements/{id}', permission: 'numbers.read' },
      summary: 'One statement: its proof, its totals, sums by kind, and the other versions of its day',
      answers: { 200: ShownStatementView },
      async run({ actor, params }) {
        const shown = await showStatement(customs, actor, params.id);
        return shown.ok ? reply(shownView(shown.value)) : shown;
      },
    }),
    route({
      ...{ ...of, method: 'GET', path: '/v1/statements/{id}/lines', permission: 'numbers.read' },
      summary: 'Its lines in the order of the file. Amounts are decimals as text, with every digit that was printed',
      query: S.object(S.paging),
      answers: { 200: S.pageOf(StatementLineView) },
      async run({ actor, params, query }): Promise<Result<Reply>> {
        const shown = await showStatement(customs, actor, params.id);
        if (!shown.ok) return shown;
        const place = placeOf(query, ['number']);
        if (!place.ok) return place;
        const size = pageSize(query);
        const after = Math.min(Math.max(Number(place.value?.[0] ?? 0), 0), 2 ** 31 - 1);
        const lines = await findLines(db, params.id, size + 1, after);
        return reply(pageOut(lines, size, (last) => [last.lineNo]));
      },
    }),
    route({
      ...{ ...of, method: 'GET', path: '/v1/statements/{id}/file', permission: 'exchanges.read' },
      summary:
        'The file as the channel gave it, for a reason that is written down; empty where it said that nothing happened',
      query: S.object({ reason: Type.Optional(Type.String({ maxLength: 1000 })) }),
      answers: { 200: Type.String({ format: 'binary' }) },
      async run({ actor, params, query }) {
        const opened = await openStatementFile(customs, actor, params.id, query.reason ?? '');
        return opened.ok ? done({ status: 200, body: null, file: opened.value }) : opened;
      },
    }),
  ];
}

function shownView({ statement, day: on, channel, sums, versions }: ShownStatement): Record<string, unknown> {
  const { unread, dayId: _id, dayBucket: _bucket, fileExchange = null, totals, ...told } = statement;
  return {
    ...{ ...told, fileExchange, channel, day: on.day, kind: on.kind, accountId: on.accountId },
    ...{ merchantId: on.merchantId, sums, versions: versions.map((one) => one.id) },
    // Names are the channel's own.
    totals: Object.entries(totals).map(([name, value]) => ({ name, value })),
    unread: unread ? { code: unread.code, zh: explain(unread).zh, en: explain(unread).en } : null,
  };
}
