import { Type } from 'typebox';
import { days } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { decideApproval, findApproval, listApprovals } from '../approvals/index.ts';
import { caseKinds, closeCase, findCase, listCases } from '../cases/index.ts';
import type { Case } from '../cases/index.ts';
import {
  allowed,
  everyMerchant,
  issueToken,
  listAudit,
  listUsers,
  permissionsOfRole,
  roles,
  writeAudit,
} from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { refuseAs } from '../platform/refusals.ts';
import { pageById, pageOut, pageSize, placeOf } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { badInput } from './problems.ts';
import { absent, reachOf, reply, route } from './route.ts';
import type { Call, Reply, Route } from './route.ts';
import { decideWithRecord } from './routes-plans.ts';
import * as S from './schemas.ts';

const id = S.object({ id: Type.String({ maxLength: 64 }) });
const text = (maxLength: number) => Type.Optional(Type.String({ maxLength }));
/** What the folders' own lists read at most; a list of open work that is longer needs a filter. */
const listMax = 1000;

/** Whoever may see it may try, and hears why he may not; a key may be limited to deciding. What it is about says which permission it takes. */
const toDecide = [...new Set(['approvals.read', ...roles.flatMap((role) => permissionsOfRole[role])] as const)].filter(
  (one) => one === 'approvals.read' || one.endsWith('.approve'),
);

export function peopleRoutes(parts: ApiParts): Route[] {
  return [...approvalRoutes(parts), ...caseRoutes(parts), ...userRoutes(parts)];
}

function approvalRoutes(parts: ApiParts): Route[] {
  const decide = (verdict: 'approve' | 'refuse'): Route =>
    route({
      ...{ method: 'POST', path: `/v1/approvals/{id}/${verdict}`, tag: 'approvals', params: id },
      ...{ permission: toDecide, absent: absent('approval.not_found', 'subject') },
      summary: `A second person: ${verdict}. Needs the permission of what is decided about`,
      body: S.object({ reason: text(1000), digest: text(64) }),
      answers: { 200: S.Approval },
      run: ({ actor, params, body }) => decideOn(parts, actor, params.id, verdict, body),
    });
  const states = ['asked', 'approved', 'refused', 'lapsed', 'used'] as const;
  return [
    route({
      ...{ method: 'GET', path: '/v1/approvals', tag: 'approvals', permission: 'approvals.read' },
      summary: 'What was asked of a second person, newest first; the newest thousand',
      query: S.object({ ...S.paging, state: Type.Optional(Type.Union(states.map((state) => Type.Literal(state)))) }),
      answers: { 200: S.pageOf(S.Approval) },
      async run({ actor, query }) {
        const merchants = reachOf(actor, 'approvals.read');
        if (!merchants.ok) return merchants;
        const all = await listApprovals(parts.db, { merchants: merchants.value, limit: listMax }, parts.clock.now());
        const page = pageById(
          all.filter((one) => query.state === undefined || one.state === query.state),
          query,
        );
        return page.ok ? reply(page.value) : page;
      },
    }),
    decide('approve'),
    decide('refuse'),
  ];
}

async function decideOn(
  parts: ApiParts,
  actor: Actor,
  approvalId: string,
  verdict: 'approve' | 'refuse',
  { reason, digest }: { readonly reason?: string; readonly digest?: string },
): Promise<Result<Reply>> {
  const at = parts.clock.now();
  const approval = await findApproval(parts.db, approvalId, at);
  const isTheirs = approval && [approval.merchantId, everyMerchant].some((one) => actor.merchants.includes(one));
  // Said before its command asks for a permission: the refusal would tell what another merchant waits for.
  if (!approval || !isTheirs) return refuseAs('approval.not_found', { subject: approvalId });
  const word = { ...(reason === undefined ? {} : { reason }), ...(digest === undefined ? {} : { digest }) };
  const together = await decideWithRecord(parts, actor, approval, verdict, word);
  if (together) return together.ok ? reply(await findApproval(parts.db, approvalId, at)) : together;
  const stamp = { at, ids: parts.customs.ids };
  const decision = { id: approvalId, verdict, checker: actor, reason: reason ?? '', onePersonAllowed: false };
  const decided = await parts.db.transaction((tx) =>
    decideApproval(tx, { ...decision, ...(digest === undefined ? {} : { expectedDigest: digest }) }, stamp),
  );
  return decided.ok ? reply(decided.value) : decided;
}

const caseView = (one: Case): unknown => {
  const { zh, en } = caseKinds[one.kind];
  return { ...one, words: { zh, en } };
};

function caseRoutes(parts: ApiParts): Route[] {
  return [
    route({
      ...{ method: 'GET', path: '/v1/cases', tag: 'cases', permission: 'cases.read' },
      summary: 'What needs a person, what is due first stands first; the first thousand',
      query: S.object({
        ...S.paging,
        state: Type.Optional(Type.Union([Type.Literal('open'), Type.Literal('closed')])),
      }),
      answers: { 200: S.pageOf(S.Case) },
      async run({ actor, query }) {
        const merchants = reachOf(actor, 'cases.read');
        if (!merchants.ok) return merchants;
        const state = query.state ?? 'open';
        const page = pageById(await listCases(parts.db, { merchants: merchants.value, state, limit: listMax }), query);
        return page.ok ? reply({ ...page.value, items: page.value.items.map(caseView) }) : page;
      },
    }),
    route({
      ...{ method: 'POST', path: '/v1/cases/{id}/close', tag: 'cases', permission: 'cases.close', params: id },
      absent: absent('case.not_found', 'case'),
      summary: 'Close a case with the reason',
      body: S.object({ reason: Type.String({ minLength: 1, maxLength: 1000 }) }),
      answers: { 200: S.Case },
      async run({ actor, params, body }) {
        const found = await findCase(parts.db, params.id);
        if (!found) return refuseAs('case.not_found', { case: params.id });
        const permitted = allowed(actor, 'cases.close', found.merchantId);
        if (!permitted.ok) return permitted;
        const stamp = { at: parts.clock.now(), ids: parts.customs.ids };
        return parts.db.transaction(async (tx) => {
          const closed = await closeCase(tx, params.id, stamp.at);
          if (!closed.ok) return closed;
          const entry = { actor, act: 'case.closed', subject: params.id, reason: body.reason };
          await writeAudit(tx, [entry], stamp);
          return reply(caseView(closed.value));
        });
      },
    }),
  ];
}

const TokenBody = S.object({
  user_id: Type.String({ maxLength: 32 }),
  kind: Type.Union([Type.Literal('cli'), Type.Literal('api_key')]),
  label: Type.String({ minLength: 1, maxLength: 100 }),
  merchants: Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 100 }),
  scopes: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 100 }),
  ip_allow: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 100 })),
  expires_in_days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3660 })),
  reason: text(1000),
});

function userRoutes(parts: ApiParts): Route[] {
  return [
    route({
      ...{ method: 'GET', path: '/v1/users', tag: 'users', permission: 'users.read', whole: true },
      summary: 'Who may do what',
      query: S.object(S.paging),
      answers: { 200: S.pageOf(S.User) },
      async run({ actor, query }) {
        const permitted = allowed(actor, 'users.read', undefined);
        if (!permitted.ok) return permitted;
        const page = pageById(await listUsers(parts.db), query);
        return page.ok ? reply(page.value) : page;
      },
    }),
    route({
      ...{ method: 'POST', path: '/v1/users/tokens', tag: 'users', permission: 'users.change', body: TokenBody },
      whole: true,
      summary: 'A login or key, shown once. In production two people do it, on the command line',
      answers: { 201: S.IssuedToken },
      shownOnce: ['token'],
      run: (call) => issueOne(parts, call),
    }),
    route({
      ...{ method: 'GET', path: '/v1/audit', tag: 'audit', permission: 'audit.read', whole: true },
      summary: 'Who did what, newest first',
      query: S.object({ ...S.paging, subject: text(200), actor: text(64), act: text(64) }),
      answers: { 200: S.pageOf(S.Audit) },
      async run({ actor, query: { limit, cursor, ...filter } }) {
        const permitted = allowed(actor, 'audit.read', undefined);
        if (!permitted.ok) return permitted;
        const paging = { ...(limit === undefined ? {} : { limit }), ...(cursor === undefined ? {} : { cursor }) };
        const place = placeOf(paging, ['number', 'string']);
        if (!place.ok) return place;
        const [at, last] = place.value ?? [];
        if (last !== undefined && !/^[0-9a-f-]{36}$/.test(String(last)))
          return { ok: false, refusal: badInput('cursor', cursor ?? '', 'take it from next_cursor') };
        const before = last === undefined ? {} : { before: { at: Number(at) as Instant, id: String(last) } };
        const size = Math.min(pageSize(paging), listMax - 1); // one more is read than shown
        const found = await listAudit(parts.db, { ...filter, ...before, limit: size + 1 });
        return reply(pageOut(found, size, (one) => [one.at, one.id]));
      },
    }),
  ];
}

type TokenCall = Call<unknown, unknown, Type.Static<typeof TokenBody>>;

async function issueOne(parts: ApiParts, { actor, body }: TokenCall): Promise<Result<Reply>> {
  const { user_id: userId, kind, label, merchants, scopes, expires_in_days: validDays } = body;
  const expiresInMs = validDays === undefined ? undefined : days(validDays);
  const wish = { userId, kind, label, merchants, scopes, ipAllow: body.ip_allow ?? [], expiresInMs };
  const change = { by: actor, consent: { kind: 'one_person' }, reason: body.reason ?? '' } as const;
  const stamp = { at: parts.clock.now(), ids: parts.customs.ids };
  const issued = await parts.db.transaction((tx) => issueToken(tx, wish, change, parts.tokens, stamp));
  return issued.ok ? reply(issued.value, 201) : issued;
}
