import { Type } from 'typebox';
import type { Instant, Result } from '../kernel/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import {
  chartOf,
  closeIncident,
  findIncident,
  listIncidents,
  listMembers,
  showIncident,
  takeIncident,
} from '../incidents/index.ts';
import type { Incident, ShownIncident } from '../incidents/index.ts';
import { refuseAs } from '../platform/refusals.ts';
import { pageById, pageOut, pageSize, placeOf } from './paging.ts';
import type { Paging } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { absent, reachOf, reply, route } from './route.ts';
import type { Reply, Route } from './route.ts';
import * as I from './routes-incidents-schemas.ts';
import * as S from './schemas.ts';

const id = S.object({ id: Type.String({ maxLength: 64 }) });

export function incidentRoutes(parts: ApiParts): Route[] {
  const of = { tag: 'incidents', params: id, absent: absent('incident.not_found', 'incident') } as const;
  return [
    route({
      ...{ method: 'GET', path: '/v1/incidents', tag: 'incidents', permission: 'numbers.read' },
      summary: 'Groups whose receipts do not come, the newest first',
      query: S.object({
        ...S.paging,
        state: Type.Optional(Type.Union([Type.Literal('open'), Type.Literal('closed')])),
      }),
      answers: { 200: S.pageOf(I.Incident) },
      async run({ actor, query }) {
        const merchants = reachOf(actor, 'numbers.read');
        if (!merchants.ok) return merchants;
        const state = query.state === undefined ? {} : { state: query.state };
        const all = await listIncidents(parts.db, { merchants: merchants.value, ...state, limit: 1000 });
        const page = pageById(all, query);
        return page.ok ? reply({ ...page.value, items: page.value.items.map(viewOf) }) : page;
      },
    }),
    route({
      ...{ ...of, method: 'GET', path: '/v1/incidents/{id}', permission: 'numbers.read' },
      summary: 'All that is known of an incident: size, curve, what separates, quiet neighbours, earlier ones',
      answers: { 200: I.ShownIncident },
      async run({ actor, params }) {
        const shown = await showIncident(parts.db, actor, params.id);
        if (!shown.ok) return shown;
        const chart = await chartOf(parts.db, shown.value.incident);
        return reply({ ...detailOf(shown.value), chart });
      },
    }),
    route({
      ...{ ...of, method: 'GET', path: '/v1/incidents/{id}/members', permission: 'numbers.read' },
      summary: 'Declarations without an answer, in the order of their acceptance',
      query: S.object(S.paging),
      answers: { 200: S.pageOf(I.Member) },
      run: ({ actor, params, query }) => membersView(parts, actor, params.id, query),
    }),
    route({
      ...{ ...of, method: 'POST', path: '/v1/incidents/{id}/take', permission: 'incidents.handle' },
      summary: 'Say that you look after it',
      answers: { 200: I.Incident },
      async run({ actor, params }) {
        const taken = await takeIncident(parts.customs, actor, params.id);
        return taken.ok ? reply(viewOf(taken.value)) : taken;
      },
    }),
    route({
      ...{ ...of, method: 'POST', path: '/v1/incidents/{id}/close', permission: 'incidents.handle' },
      summary: 'Close it by hand. With declarations that are not at customs a second person must agree: 202',
      body: S.object({ reason: Type.String({ minLength: 1, maxLength: 1000 }) }),
      answers: { 200: I.ClosedOrAsked, 202: I.ClosedOrAsked },
      async run({ actor, params, body }) {
        const asked = await closeIncident(parts.customs, actor, params.id, body.reason);
        if (!asked.ok) return asked;
        const { kind, incident, ...more } = asked.value;
        return reply({ incident: viewOf(incident), open: 0, ...more }, kind === 'closed' ? 200 : 202);
      },
    }),
  ];
}

function viewOf(incident: Incident): Record<string, unknown> {
  const { findings, asked, silent, quietSince: _quiet, sampledAt: _sampled, rest: _rest, ...told } = incident;
  const { matrix, ...figures } = findings;
  return { ...told, seen: { hits: silent, of: asked }, ...figures, blame: matrix.blame, cells: matrix.cells };
}

function detailOf({ incident, separation, quiet, past }: ShownIncident): Record<string, unknown> {
  return {
    incident: viewOf(incident),
    separates: (separation?.dimensions ?? []).map(({ name, lift, stuckSide }) => ({
      ...{ dimension: name, lift, stuck: stuckSide },
      telling: separation?.best?.name === name,
    })),
    quiet,
    past: past.map((one) => ({ id: one.id, onsetAt: one.onsetAt, members: one.findings.members })),
    rest: incident.rest ?? [],
  };
}

async function membersView({ db }: ApiParts, actor: Actor, incidentId: string, paging: Paging): Promise<Result<Reply>> {
  const found = await findIncident(db, incidentId);
  if (!found) return refuseAs('incident.not_found', { incident: incidentId });
  const permitted = allowed(actor, 'numbers.read', found.merchantId);
  if (!permitted.ok) return permitted;
  const place = placeOf(paging, ['number', 'string']);
  if (!place.ok) return place;
  const [acceptedAt, member] = place.value ?? [];
  const after = acceptedAt === undefined ? undefined : { acceptedAt: acceptedAt as Instant, id: String(member) };
  const size = pageSize(paging);
  const members = await listMembers(db, incidentId, size + 1, after);
  return reply(pageOut(members, size, (last) => [last.acceptedAt, last.id]));
}
