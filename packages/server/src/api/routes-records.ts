import { Type } from 'typebox';
import { openExchange } from '../customs/index.ts';
import { findStories } from '../stories/index.ts';
import type { ApiParts } from './parts.ts';
import { reachOf, reply, route } from './route.ts';
import type { Route } from './route.ts';
import { accountRoutes } from './routes-accounts.ts';
import { Stories } from './routes-records-schemas.ts';
import * as S from './schemas.ts';
import { readLanes } from './store.ts';

const id = S.object({ id: Type.String({ maxLength: 64 }) });

export function recordRoutes(parts: ApiParts): Route[] {
  return [
    route({
      ...{ method: 'GET', path: '/v1/numbers/{number}', tag: 'numbers', permission: 'numbers.read' },
      summary: 'One number, the whole story: what was said, by whom, with which proof, and what is next',
      params: S.object({ number: Type.String({ minLength: 1, maxLength: 128 }) }),
      answers: { 200: Stories },
      async run({ actor, params }) {
        const found = await findStories(parts.customs, actor, [params.number]);
        if (!found.ok) return found;
        const [asked] = found.value.asked;
        if (asked && asked.refusal === undefined) return reply({ ...asked, more: found.value.more });
        return {
          ok: false,
          refusal: asked?.refusal ?? { code: 'number.not_found', params: { number: params.number } },
        };
      },
    }),
    route({
      ...{ method: 'GET', path: '/v1/exchanges/{id}', tag: 'numbers', permission: 'exchanges.read', params: id },
      summary: 'A call as it was kept. People are masked unless a reason is given; every look is written down',
      query: S.object({ reason: Type.Optional(Type.String({ maxLength: 1000 })) }),
      answers: { 200: S.OpenedExchange },
      async run({ actor, params, query }) {
        const opened = await openExchange(parts.customs, actor, params.id, query.reason);
        return opened.ok ? reply(opened.value) : opened;
      },
    }),
    ...accountRoutes(parts),
    route({
      ...{ method: 'GET', path: '/v1/jobs/due', tag: 'jobs', permission: 'jobs.read' },
      summary: 'Lanes with their pace and what is due on them',
      answers: { 200: S.object({ items: Type.Array(S.Lane) }) },
      async run({ actor }) {
        const reach = reachOf(actor, 'jobs.read');
        if (!reach.ok) return reach;
        return reply({ items: await readLanes(parts.db, reach.value, parts.clock.now()) });
      },
    }),
  ];
}
