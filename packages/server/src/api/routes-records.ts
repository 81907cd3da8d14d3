import { Type } from 'typebox';
import { Secret } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { addAccount, listAccounts, listMerchants, openAccount, testAccount } from '../accounts/index.ts';
import { openExchange } from '../customs/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import { refuseAs } from '../platform/refusals.ts';
import { findStories } from '../stories/index.ts';
import { pageById } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { absent, merchantOf, reachOf, reply, route } from './route.ts';
import type { Call, Reply, Route } from './route.ts';
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

const NewAccount = S.object({
  merchant_id: Type.Optional(Type.String({ maxLength: 64 })),
  channel: Type.String({ maxLength: 64 }),
  name: Type.String({ minLength: 1, maxLength: 100 }),
  settings: Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 2000 })),
  secrets: Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 20_000 })),
});

type NewAccountCall = Call<unknown, unknown, Type.Static<typeof NewAccount>>;

function accountRoutes(parts: ApiParts): Route[] {
  return [
    route({
      ...{ method: 'GET', path: '/v1/accounts', tag: 'accounts', permission: 'accounts.read' },
      summary: 'Accounts at channels; secrets are never shown',
      query: S.object(S.paging),
      answers: { 200: S.pageOf(S.Account) },
      async run({ actor, query }) {
        const reach = reachOf(actor, 'accounts.read');
        if (!reach.ok) return reach;
        const merchants = reach.value === 'all' ? await listMerchants(parts.db) : reach.value;
        const page = pageById(await listAccounts(parts.db, merchants), query);
        return page.ok ? reply(page.value) : page;
      },
    }),
    route({
      ...{ method: 'POST', path: '/v1/accounts', tag: 'accounts', permission: 'accounts.change', body: NewAccount },
      summary: 'Add an account. In production two people do it, on the command line',
      answers: { 201: S.object({ id: Type.String() }) },
      run: (call) => addOne(parts, call),
    }),
    route({
      ...{ method: 'POST', path: '/v1/accounts/{id}/test', tag: 'accounts', permission: 'accounts.test', params: id },
      absent: absent('account.not_found', 'account'),
      summary: 'Ask the channel something harmless with this account',
      answers: { 200: S.AccountTest },
      async run({ actor, params }) {
        const opened = await openAccount(parts.customs, params.id);
        if (!opened.ok) return opened;
        const permitted = allowed(actor, 'accounts.test', opened.value.merchantId);
        if (!permitted.ok) return permitted;
        const tested = await testAccount(parts.customs, parts.transport, params.id);
        return tested.ok ? reply(tested.value) : tested;
      },
    }),
  ];
}

async function addOne(parts: ApiParts, { actor, body }: NewAccountCall): Promise<Result<Reply>> {
  const merchantId = merchantOf(actor, body.merchant_id);
  if (!merchantId.ok) return merchantId;
  const permitted = allowed(actor, 'accounts.change', merchantId.value);
  if (!permitted.ok) return permitted;
  if (!(await listMerchants(parts.db)).includes(merchantId.value))
    return refuseAs('auth.merchant_missing', { merchant: merchantId.value });
  // Architecture rule 12: channel secrets are changed by two people; only a sandbox lets one do it.
  if (parts.installation.bornAs === 'production') return refuseAs('production.refuses', { act: 'accounts.change' });
  const { channel, name, settings } = body;
  const secrets = Object.fromEntries(Object.entries(body.secrets).map(([field, value]) => [field, new Secret(value)]));
  return parts.db.transaction(async (tx) => {
    const added = await addAccount(tx, parts.customs, {
      merchantId: merchantId.value,
      channel,
      name,
      settings,
      secrets,
    });
    if (!added.ok) return added;
    const detail = { channel, name, merchant: merchantId.value };
    const stamp = { at: parts.clock.now(), ids: parts.customs.ids };
    await writeAudit(tx, [{ actor, act: 'account.added', subject: added.value.id, detail }], stamp);
    return reply(added.value, 201);
  });
}
