import { Type } from 'typebox';
import type { Static } from 'typebox';
import { done, parseShanghai, Secret } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import {
  addAccount,
  changeAccount,
  changeAct,
  detailOf,
  findAccounts,
  listAccounts,
  listMerchants,
  openAccount,
  testAccount,
} from '../accounts/index.ts';
import type { AccountChange, AccountRow, OldUntil } from '../accounts/index.ts';
import { allowed, everyMerchant, writeAudit } from '../identity/index.ts';
import type { Actor, Consent } from '../identity/index.ts';
import type { Tx } from '../platform/db.ts';
import { refuseAs } from '../platform/refusals.ts';
import { pageById } from './paging.ts';
import type { ApiParts } from './parts.ts';
import { badInput } from './problems.ts';
import { absent, reachOf, reply, route } from './route.ts';
import type { Call, Reply, Route } from './route.ts';
import * as S from './schemas.ts';
import { AskedFor, withTwoPeople } from './two-people.ts';

const Name = Type.String({ minLength: 1, maxLength: 100 });
const Settings = Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 2000 }));
const Secrets = Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 20_000 }));

const NewAccount = S.object({
  merchant_id: Type.Optional(Type.String({ maxLength: 64, description: 'Not needed where the caller has one' })),
  channel: Type.String({ maxLength: 64 }),
  name: Name,
  settings: Settings,
  secrets: Secrets,
  products: Type.Optional(
    Type.Array(Type.String({ maxLength: 64 }), { maxItems: 40, description: 'Those that the channel has opened' }),
  ),
});

const Change = S.object({
  name: Type.Optional(Name),
  settings: Type.Optional(Settings),
  unset: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 40 })),
  secrets: Type.Optional(Secrets),
  old_until: Type.Optional(
    Type.String({
      maxLength: 40,
      description: 'now, or a moment; two days unless told: replaced secrets verify till then',
    }),
  ),
  approval_id: Type.Optional(Type.String({ maxLength: 64 })),
});

const Changed = Type.Object({
  account_id: Type.String(),
  ...{ changed: Type.Boolean(), renamed: Type.Boolean() },
  settings: Type.Array(Type.String(), { description: 'Those that moved' }),
  secret_fields: Type.Array(Type.String(), {
    description: 'Secrets that have a successor; what they are is never said',
  }),
  old_until: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
});

const id = S.object({ id: Type.String({ maxLength: 64 }) });
const of = { ...{ tag: 'accounts', params: id }, absent: absent('account.not_found', 'account') } as const;

export function accountRoutes(parts: ApiParts): Route[] {
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
      ...{ ...of, method: 'POST', path: '/v1/accounts/{id}/change', permission: 'accounts.change', body: Change },
      summary:
        'Change name, settings or secrets. In production: no secrets, and the first call asks for a second person (202)',
      answers: { 200: Changed, 202: AskedFor },
      run: ({ actor, params, body }) => changeOne(parts, actor, params.id, body),
    }),
    route({
      ...{ ...of, method: 'POST', path: '/v1/accounts/{id}/test', permission: 'accounts.test' },
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

const sealed = (texts: Readonly<Record<string, string>>): Record<string, Secret> =>
  Object.fromEntries(Object.entries(texts).map(([field, value]) => [field, new Secret(value)]));

/** Named, or the only one that there is for this caller. */
export async function merchantMeant(parts: ApiParts, actor: Actor, given: string | undefined): Promise<Result<string>> {
  if (given !== undefined) return done(given);
  const own = actor.merchants.includes(everyMerchant) ? await listMerchants(parts.db) : actor.merchants;
  const [only] = own;
  if (only !== undefined && own.length === 1) return done(only);
  return { ok: false, refusal: badInput('merchant_id', '', own.join(' | ')) };
}

async function addOne(
  parts: ApiParts,
  { actor, body }: Call<unknown, unknown, Static<typeof NewAccount>>,
): Promise<Result<Reply>> {
  const merchantId = await merchantMeant(parts, actor, body.merchant_id);
  if (!merchantId.ok) return merchantId;
  const permitted = allowed(actor, 'accounts.change', merchantId.value);
  if (!permitted.ok) return permitted;
  if (!(await listMerchants(parts.db)).includes(merchantId.value))
    return refuseAs('auth.merchant_missing', { merchant: merchantId.value });
  // Architecture rule 12: channel secrets are changed by two people; only a sandbox lets one do it.
  if (parts.installation.bornAs === 'production') return refuseAs('production.refuses', { act: 'accounts.change' });
  const { channel, name, products } = body;
  // Its channels are played on this machine: their addresses need not be known.
  const settings = { ...parts.sandboxDoors?.addresses(channel), ...body.settings };
  return parts.db.transaction(async (tx) => {
    const added = await addAccount(tx, parts.customs, {
      ...{ merchantId: merchantId.value, channel, name, settings, secrets: sealed(body.secrets) },
      ...(products && products.length > 0 ? { products } : {}),
    });
    if (!added.ok) return added;
    const detail = { channel, name, merchant: merchantId.value };
    const stamp = { at: parts.clock.now(), ids: parts.customs.ids };
    await writeAudit(tx, [{ actor, act: 'account.added', subject: added.value.id, detail }], stamp);
    return reply(added.value, 201);
  });
}

async function changeOne(
  parts: ApiParts,
  actor: Actor,
  accountId: string,
  { approval_id: approvalId, old_until: said, ...body }: Static<typeof Change>,
): Promise<Result<Reply>> {
  const [account] = await findAccounts(parts.db, [accountId]);
  if (!account) return refuseAs('account.not_found', { account: accountId });
  const permitted = allowed(actor, 'accounts.change', account.merchantId);
  if (!permitted.ok) return permitted;
  const { name, settings = {}, unset = [], secrets = {} } = body;
  // Two people agree to what both have seen; a secret that came with one of them over HTTP is none.
  if (parts.installation.bornAs === 'production' && Object.keys(secrets).length > 0)
    return refuseAs('production.refuses', { act: 'accounts.change secrets' });
  const oldUntil = readOldUntil(said);
  if (!oldUntil.ok) return oldUntil;
  const until = oldUntil.value;
  const agreedTo = {
    ...{ ...(name === undefined ? {} : { name }), settings, unset },
    ...(until === undefined ? {} : { oldUntil: until }),
  };
  const act = changeAct(account, { ...agreedTo, digests: {} });
  const wish = { ...agreedTo, secrets: sealed(secrets) };
  return withTwoPeople({ parts, actor, act, approvalId }, (tx, consent) =>
    changeAndWrite(tx, parts, actor, account, wish, consent),
  );
}

function readOldUntil(said: string | undefined): Result<OldUntil | undefined> {
  if (said === undefined || said === 'now') return done(said);
  const at = parseShanghai(said);
  if (at !== undefined) return done(at);
  return { ok: false, refusal: badInput('old_until', said, 'now | 2026-04-01T18:00:00+08:00') };
}

async function changeAndWrite(
  tx: Tx,
  parts: ApiParts,
  actor: Actor,
  { id: accountId }: AccountRow,
  wish: AccountChange,
  consent: Consent,
): Promise<Result<Reply>> {
  const changed = await changeAccount(tx, parts.customs, accountId, wish);
  if (!changed.ok) return changed;
  const detail = detailOf(changed.value);
  const agreed = { agreed_by: consent.kind === 'approval' ? consent.id : consent.kind };
  const stamp = { at: parts.clock.now(), ids: parts.customs.ids };
  const entry = { actor, act: 'account.changed', subject: accountId, detail: { ...detail, ...agreed } };
  await writeAudit(tx, [entry], stamp);
  return reply({ accountId, changed: true, old_until: null, ...detail });
}
