import { Type } from 'typebox';
import { done, hours } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import {
  findPacks,
  makePacks,
  markSent,
  openPackFile,
  resultWords,
  openWords,
  showPack,
  takeReplies,
} from '../packs/index.ts';
import type { Pack } from '../packs/index.ts';
import { pageOut, pageSize, placeOf } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { absent, reachOf, reply, route } from './route.ts';
import type { Route } from './route.ts';
import { MadePacks, PackView, ShownPack, TakenReplies } from './routes-packs-schemas.ts';
import * as S from './schemas.ts';

const id = S.object({ id: Type.String({ maxLength: 64 }) });
const noPack = { absent: absent('pack.not_found', 'pack') };
const text = (maxLength: number) => Type.Optional(Type.String({ maxLength }));
const flag = Type.Optional(Type.Boolean());

export function packRoutes(parts: ApiParts): Route[] {
  return [makeRoute(parts), ...lookRoutes(parts), ...afterRoutes(parts)];
}

function makeRoute({ customs }: ApiParts): Route {
  return route({
    ...{ method: 'POST', path: '/v1/customs/packs', tag: 'customs', permission: 'customs.evidence' },
    summary: 'Make the evidence packs of a list, plan or incident, for channel and port. Nothing is sent',
    body: S.object({
      source: Type.String({ minLength: 1, maxLength: 64 }),
      raw: flag,
      unmasked_for_port: flag,
      approval_id: text(64),
      answer_in_hours: Type.Optional(Type.Integer({ minimum: 1, maximum: 720 })),
    }),
    absent: ({ body: { source } }) => ({ code: 'pack.source_not_found', params: { source } }),
    answers: { 201: MadePacks },
    async run({ actor, body }) {
      const made = await makePacks(customs, actor, body.source, {
        raw: body.raw === true,
        unmaskedForPort: body.unmasked_for_port === true,
        ...(body.approval_id === undefined ? {} : { approvalId: body.approval_id }),
        ...(body.answer_in_hours === undefined ? {} : { answerInMs: hours(body.answer_in_hours) }),
      });
      if (!made.ok) return made;
      const { source, packs, ours, settled } = made.value;
      const views = packs.map(({ pack, again, missing }) => ({ ...viewOf(pack), again, missing }));
      return reply({ source, packs: views, ours, settled }, 201);
    },
  });
}

/** A pack as the API writes it; amounts in minor units beside their currency. */
function viewOf({
  moneyMinor,
  currency,
  unmaskedBy,
  factsSha256: _facts,
  missing: _missing,
  ...pack
}: Pack): Record<string, unknown> {
  return { ...pack, money: { minor: moneyMinor, currency }, masked: unmaskedBy === undefined };
}

function lookRoutes({ db, customs }: ApiParts): Route[] {
  return [
    route({
      ...{ method: 'GET', path: '/v1/customs/packs', tag: 'customs', permission: 'numbers.read' },
      summary: 'Evidence packs, newest first',
      query: S.object(S.paging),
      answers: { 200: S.pageOf(PackView) },
      async run({ actor, query }) {
        const reach = reachOf(actor, 'numbers.read');
        if (!reach.ok) return reach;
        const place = placeOf(query, ['number', 'string']);
        if (!place.ok) return place;
        const after = place.value && { madeAt: Number(place.value[0]) as Instant, id: String(place.value[1]) };
        const size = pageSize(query);
        const page = pageOut(await findPacks(db, reach.value, size + 1, after), size, (pack) => [pack.madeAt, pack.id]);
        return reply({ ...page, items: page.items.map(viewOf) });
      },
    }),
    route({
      ...{ method: 'GET', path: '/v1/customs/packs/{id}', tag: 'customs', permission: 'numbers.read', params: id },
      ...noPack,
      summary: 'One pack with its files and how many members were answered, and how',
      answers: { 200: ShownPack },
      async run({ actor, params }) {
        const shown = await showPack(customs, actor, params.id);
        if (!shown.ok) return shown;
        const { pack, files, replies } = shown.value;
        const answered = Object.entries(replies).map(([result, orders]) => ({
          result,
          orders,
          words: wordsOf(result),
        }));
        return reply({ pack: viewOf(pack), files, replies: answered });
      },
    }),
    route({
      ...{ method: 'GET', path: '/v1/customs/packs/{id}/file', tag: 'customs', permission: 'exchanges.read' },
      summary: 'A file of a pack, its bytes as they were when the pack was made',
      ...{ ...noPack, params: id },
      query: S.object({ name: Type.String({ minLength: 1, maxLength: 128 }) }),
      answers: { 200: Type.String({ format: 'binary' }) },
      async run({ actor, params, query }) {
        const opened = await openPackFile(customs, actor, params.id, query.name);
        return opened.ok ? done({ status: 200, body: null, file: opened.value }) : opened;
      },
    }),
  ];
}

const words: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = resultWords;
const wordsOf = (result: string): unknown => words[result] ?? openWords;

function afterRoutes({ customs }: ApiParts): Route[] {
  return [
    route({
      ...{ method: 'POST', path: '/v1/customs/packs/{id}/sent', tag: 'customs', permission: 'customs.evidence' },
      summary: 'Note that a pack went out, and by which way. The installation itself sends nothing',
      ...{ ...noPack, params: id },
      body: S.object({ note: Type.String({ minLength: 1, maxLength: 1000 }) }),
      answers: { 200: PackView },
      async run({ actor, params, body }) {
        const sent = await markSent(customs, actor, params.id, body.note);
        return sent.ok ? reply(viewOf(sent.value)) : sent;
      },
    }),
    route({
      ...{ method: 'POST', path: '/v1/customs/packs/{id}/replies', tag: 'customs', permission: 'customs.import' },
      summary: "Take what the receiver answered: the pack's own file filled in, or a table of theirs",
      upload: true,
      ...{ ...noPack, params: id },
      query: S.object({ file_name: Type.String({ minLength: 1, maxLength: 255 }) }),
      answers: { 200: TakenReplies },
      async run({ actor, params, query, bytes }) {
        const taken = await takeReplies(customs, actor, params.id, { name: query.file_name, bytes });
        return taken.ok ? reply(taken.value) : taken;
      },
    }),
  ];
}
