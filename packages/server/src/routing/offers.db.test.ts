import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { channels } from '../../test/kit/ways.ts';
import type { AccountParts } from '../accounts/index.ts';
import { listAudit } from '../identity/index.ts';
import type { Actor, Role } from '../identity/index.ts';
import { CNY, days, hours, minutes, plus } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import type { Database } from '../platform/db.ts';
import { timestamp } from '../platform/db.ts';
import { createIds, seededRandomBytes } from '../platform/ids.ts';
import { readMasterKey } from '../platform/keys-master.ts';
import { createKeyStore } from '../platform/keys-store.ts';
import { createKeyring } from '../platform/keys.ts';
import type { OfferWish } from './candidate.ts';
import { askOffers, listNotices, listRules, setRule, tellNotice, withdrawNotice } from './commands.ts';
import type { NewNotice, NewRule } from './commands.ts';
import { offersFor } from './offers.ts';

const own = useDatabase();
/** 10:00 on the second of the month in Beijing. */
const start = Date.parse('2026-03-02T10:00:00+08:00') as Instant;
let now = start;
let parts: AccountParts;

const person = (userId: string, role: Role, merchants: readonly string[]): Actor => ({
  ...{ userId, name: userId, roles: [role], merchants, door: 'cli' },
});
const [wang, viewer, everywhere, stranger] = [
  person('wang', 'maker', ['demo']),
  person('vera', 'viewer', ['demo']),
  person('chen', 'admin', ['*']),
  person('xu', 'maker', ['other']),
];

const settings = { openapi_mode: 'key', sign_type: 'MD5' };
const secrets = ['md5_key', 'app_private_key', 'alipay_openapi_public_key'];

async function addAccount(id: string, merchantId = 'demo'): Promise<void> {
  await own.db.query(
    `insert into channel_accounts (id, merchant_id, channel, name, settings, created_at, live_at)
     values ($1, $2, 'alipay', $1, $3, $4, $4)`,
    [id, merchantId, JSON.stringify(settings), timestamp(start)],
  );
  for (const field of secrets)
    await own.db.query(
      `insert into channel_secrets (id, account_id, field, sealed, valid_from) values ($1, $2, $3, '', $4)`,
      [randomUUID(), id, field, timestamp(start)],
    );
  await own.db.query(
    `insert into lanes (id, account_id, operation, calls_per_second, items_per_call, next_free_at)
     values ($1 || '/pay.query', $1, 'pay.query', 1, 1, $2)`,
    [id, timestamp(start)],
  );
}

beforeAll(async () => {
  const random = seededRandomBytes('routing');
  const clock = { now: () => now };
  const ids = createIds(clock, random);
  const master = readMasterKey(`liushui-master-key-1 ${Buffer.from(random(32)).toString('base64')}`)!;
  const keyring = createKeyring({ master, store: createKeyStore(own.db), ids, random, clock });
  parts = { db: own.db, channels, keyring, ids, clock };
  for (const id of ['demo', 'other'])
    await own.db.query(`insert into merchants (id, name_zh, name_en, created_at) values ($1, $1, $1, now())`, [id]);
  for (const { userId } of [wang, viewer, everywhere, stranger])
    await own.db.query(
      `insert into users (id, name, roles, merchants, created_at) values ($1, $1, '{}', '{}', now())`,
      [userId],
    );
});

beforeEach(async () => {
  now = start;
  await own.db.query(
    `truncate channel_accounts, channel_secrets, lanes, routing_rules, channel_notices, contract_terms, payment_attempts,
       payments, merchant_orders, audit_entries cascade`,
  );
  await addAccount('A1');
});

const wish = (changes: Partial<OfferWish> = {}): OfferWish => ({
  ...{ merchantId: 'demo', amount: { minor: 42_000n, currency: CNY }, scene: 'online', side: { terminal: 'pc' } },
  ...{ at: now, payerKnows: {}, orderNo: '20260302-1' },
  ...changes,
});

/** The same database for a process that has read no sums of late. */
const fresh = (): Database => new Proxy(own.db, {});

/** What becomes of the page of each account: `offered`, or why not. */
async function pages(changes: Partial<OfferWish> = {}, db: Database = fresh()): Promise<Record<string, string>> {
  const { offered, notOffered } = await offersFor({ db, channels }, wish(changes));
  return Object.fromEntries([
    ...offered.map(({ accountId }) => [accountId, 'offered']),
    ...notOffered
      .filter(({ product }) => product === 'page')
      .map(({ accountId, refusal }) => [accountId, refusal.code.replace(/^\w+\./, '')]),
  ]);
}

test('keys and lanes count as they are at the moment', async () => {
  expect(await pages()).toEqual({ A1: 'offered' });
  await own.db.query(`update channel_secrets set valid_to = $1 where field = 'md5_key'`, [timestamp(plus(now, 1))]);
  expect(await pages()).toEqual({ A1: 'offered' });
  now = plus(now, 1);
  expect(await pages()).toEqual({ A1: 'account_not_ready' });
  await own.db.query('update channel_secrets set valid_to = null');
  await own.db.query('update lanes set closed_until = $1', [timestamp(plus(now, 1))]);
  expect(await pages()).toEqual({ A1: 'lane_closed' });
  now = plus(now, 1);
  expect(await pages()).toEqual({ A1: 'offered' });
  await own.db.query(`update lanes set paused_at = $1, paused_why = 'upgrade'`, [timestamp(now)]);
  expect(await pages()).toEqual({ A1: 'lane_paused' });
  await own.db.query('update channel_accounts set closed_at = $1', [timestamp(now)]);
  expect(await pages()).toEqual({});
});

const limits = (value: object, product = '*'): Promise<unknown> =>
  own.db.transaction(async (tx) => {
    await tx.query('alter table contract_terms drop constraint if exists contract_terms_approval_id_fkey');
    await tx.query(
      `insert into contract_terms (account_id, product, scene, kind, value, valid_from, source, made_by, approval_id, made_at)
       select id, $3, '*', 'limits', $1, $2, 'contract 7', 'wang', 'A-1', $2 from channel_accounts`,
      [JSON.stringify(value), timestamp(plus(start, -days(90))), product],
    );
  });

let attempts = 0;
async function attempt(begunAt: Instant, received: { readonly minor: number; readonly at: Instant } | undefined) {
  const [order, payment] = [randomUUID(), randomUUID()];
  const no = `o${(attempts += 1)}`;
  await own.db.query(
    `insert into merchant_orders (bucket, id, merchant_id, order_no, created_at) values (1, $1, 'demo', $2, $3)`,
    [order, no, timestamp(begunAt)],
  );
  await own.db.query(
    `insert into payments (bucket, id, order_id, merchant_id, origin, created_at, state) values (1, $1, $2, 'demo', 'made', $3, 'open')`,
    [payment, order, timestamp(begunAt)],
  );
  await own.db.query(
    `insert into payment_attempts (bucket, id, order_id, payment_id, merchant_id, account_id, channel, product, scene, serial_no,
       state, amount_minor, currency, subject, deadline_at, notify_url, created_at, received_minor, paid_at)
     values (1, $1, $2, $3, 'demo', 'A1', 'alipay', 'wap', 'online', $4, 'succeeded', 1000, 'CNY', '', $5, '', $5, $6, $7)`,
    [
      ...[randomUUID(), order, payment, no, timestamp(begunAt), received?.minor ?? 0],
      received === undefined ? null : timestamp(received.at),
    ],
  );
}

test('limits of a day count what came in since midnight in Beijing, whenever it was begun', async () => {
  const midnight = Date.parse('2026-03-02T00:00:00+08:00') as Instant;
  await attempt(plus(midnight, -minutes(5)), { minor: 700, at: plus(midnight, -1) });
  await attempt(plus(midnight, -minutes(5)), { minor: 300, at: midnight });
  await attempt(plus(midnight, 1), undefined);
  await limits({ day_minor: 1000 });
  expect(await pages({ amount: { minor: 700n, currency: CNY } })).toEqual({ A1: 'offered' });
  expect(await pages({ amount: { minor: 701n, currency: CNY } })).toEqual({ A1: 'day_limit' });
});

test('a limit of one payment that a product has of its own leaves it under the day of its account', async () => {
  await attempt(plus(start, -1), { minor: 900, at: start });
  await limits({ day_minor: 1000 });
  for (const product of Object.keys(channels.get('alipay')?.manifest.pay?.products ?? {}))
    await limits({ single_minor: 50_000 }, product);
  expect(await pages({ amount: { minor: 100n, currency: CNY } })).toEqual({ A1: 'offered' });
  expect(await pages({ amount: { minor: 101n, currency: CNY } })).toEqual({ A1: 'day_limit' });
});

test('limits of a month count since its first day, and the number of payments those begun today', async () => {
  const first = Date.parse('2026-03-01T00:00:00+08:00') as Instant;
  await attempt(plus(first, -hours(1)), { minor: 5000, at: plus(first, -1) });
  await attempt(plus(first, -hours(1)), { minor: 300, at: first });
  await attempt(plus(start, -1), { minor: 200, at: start });
  await limits({ month_minor: 1000 });
  expect(await pages({ amount: { minor: 500n, currency: CNY } })).toEqual({ A1: 'offered' });
  expect(await pages({ amount: { minor: 501n, currency: CNY } })).toEqual({ A1: 'month_limit' });
});

test('the number of payments of a day counts those that were begun today', async () => {
  const midnight = Date.parse('2026-03-02T00:00:00+08:00') as Instant;
  await attempt(plus(midnight, -1), { minor: 1, at: start });
  await attempt(midnight, undefined);
  await limits({ day_count: 2 });
  expect(await pages()).toEqual({ A1: 'offered' });
  now = plus(start, days(1));
  await attempt(now, undefined);
  await attempt(now, undefined);
  expect(await pages()).toEqual({ A1: 'day_count' });
});

test('any number of accounts costs the same number of statements', async () => {
  const statements = async (): Promise<number> => {
    let asked = 0;
    const counting = new Proxy(own.db, {
      get(target, name, receiver) {
        if (name === 'query') asked += 1;
        return Reflect.get(target, name, receiver) as unknown;
      },
    });
    await own.db.query('truncate contract_terms');
    await limits({ month_minor: 1 });
    expect(new Set(Object.values(await pages({}, counting)))).toEqual(new Set(['month_limit']));
    return asked;
  };
  const ofOne = await statements();
  for (const id of ['A2', 'A3', 'A4']) await addAccount(id);
  expect(await statements()).toBe(ofOne);
});

test('limits of many merchants cost one reading of what came in', async () => {
  await addAccount('B1', 'other');
  await limits({ day_minor: 1 });
  let readings = 0;
  const counting: Database = new Proxy(own.db, {
    get(target, name, receiver) {
      if (name !== 'query') return Reflect.get(target, name, receiver) as unknown;
      return (...[text, values]: Parameters<Database['query']>) => {
        if (text.includes('from payment_attempts')) readings += 1;
        return target.query(text, values);
      };
    },
  });
  for (const [merchantId, account] of [
    ['demo', 'A1'],
    ['other', 'B1'],
  ] as const)
    expect(await pages({ merchantId }, counting)).toEqual({ [account]: 'day_limit' });
  expect(readings).toBe(1);
});

const codeOf = (result: Result<unknown>): string => (result.ok ? 'done' : result.refusal.code);

const newRule = (changes: Partial<NewRule> = {}): NewRule => ({
  ...{ accountId: 'A1', product: '*', priority: 10, weight: 0, validFrom: now, validTo: undefined, reason: 'dispute' },
  ...changes,
});

test('a rule is said by somebody who may, for a time, and is kept with its name', async () => {
  const table: readonly (readonly [Actor, Partial<NewRule>, string])[] = [
    [viewer, {}, 'auth.role_missing'],
    [stranger, {}, 'auth.merchant_missing'],
    [wang, { accountId: 'A9' }, 'account.not_found'],
    [wang, { product: 'nothing' }, 'routing.unknown_product'],
    [wang, { validTo: now }, 'routing.ends_before_it_begins'],
    [wang, { validTo: plus(now, hours(1)) }, 'done'],
  ];
  for (const [actor, changes, said] of table) expect(codeOf(await setRule(parts, actor, newRule(changes)))).toBe(said);
  expect(await pages()).toEqual({ A1: 'switched_off' });
  now = plus(now, hours(1));
  expect(await pages()).toEqual({ A1: 'offered' });
  const listed = await listRules(parts, viewer, 'A1');
  expect(listed).toMatchObject({ value: [{ accountId: 'A1', weight: 0, reason: 'dispute', madeBy: 'wang' }] });
  expect(codeOf(await listRules(parts, stranger, 'A1'))).toBe('auth.merchant_missing');
  const audit = await listAudit(own.db, { subject: 'A1', limit: 10 });
  expect(audit).toMatchObject([{ actor: 'wang', act: 'routing.rule_set', reason: 'dispute' }]);
});

const newNotice = (changes: Partial<NewNotice> = {}): NewNotice => ({
  ...{ merchantId: 'demo', channel: 'alipay', accountId: undefined, product: '*', effect: 'closed' as const },
  ...{ text: 'upgrade', validFrom: now, validTo: plus(now, hours(2)) },
  ...changes,
});

test('a notice closes what it speaks of, for those it concerns, until it is over or withdrawn', async () => {
  await addAccount('A2');
  await addAccount('B1', 'other');
  const table: readonly (readonly [Actor, Partial<NewNotice>, string])[] = [
    [viewer, {}, 'auth.role_missing'],
    [wang, { merchantId: undefined }, 'auth.merchant_missing'],
    [wang, { channel: 'nowhere' }, 'routing.unknown_channel'],
    [wang, { accountId: 'B1' }, 'account.not_found'],
    [wang, { product: 'nothing' }, 'routing.unknown_product'],
    [wang, { accountId: 'A2' }, 'done'],
  ];
  for (const [actor, changes, said] of table)
    expect(codeOf(await tellNotice(parts, actor, newNotice(changes)))).toBe(said);
  expect(await pages()).toEqual({ A1: 'offered', A2: 'maintenance' });

  const told = await tellNotice(parts, everywhere, newNotice({ merchantId: undefined }));
  const id = told.ok ? told.value.id : '';
  expect(await pages()).toEqual({ A1: 'maintenance', A2: 'maintenance' });
  expect(await pages({ merchantId: 'other' })).toEqual({ B1: 'maintenance' });
  expect(codeOf(await withdrawNotice(parts, wang, id, ''))).toBe('auth.merchant_missing');
  expect(codeOf(await withdrawNotice(parts, everywhere, id, 'over early'))).toBe('done');
  expect(codeOf(await withdrawNotice(parts, everywhere, id, 'again'))).toBe('done');
  expect(await pages()).toEqual({ A1: 'offered', A2: 'maintenance' });
  now = plus(now, hours(2));
  expect(await pages()).toEqual({ A1: 'offered', A2: 'another_goes_before' });
});

test("another merchant's notice is not told of, by number or by list", async () => {
  const told = await tellNotice(parts, wang, newNotice());
  const id = told.ok ? told.value.id : '';
  expect(codeOf(await withdrawNotice(parts, stranger, id, ''))).toBe('routing.notice_not_found');
  expect(codeOf(await withdrawNotice(parts, wang, 'N-999', ''))).toBe('routing.notice_not_found');
  expect(await listNotices(parts, stranger, 'other', now)).toEqual({ ok: true, value: [] });
  expect(codeOf(await listNotices(parts, stranger, 'demo', now))).toBe('auth.merchant_missing');
  const listed = await listNotices(parts, viewer, 'demo', now);
  expect(listed).toMatchObject({ value: [{ id, text: 'upgrade', madeBy: 'wang' }] });
  expect(await listNotices(parts, viewer, 'demo', plus(now, hours(3)))).toEqual({ ok: true, value: [] });
});

test('what an order would be offered is told to whoever collects or looks for its merchant', async () => {
  expect(codeOf(await askOffers(parts, wang, wish()))).toBe('done');
  expect(codeOf(await askOffers(parts, viewer, wish()))).toBe('done');
  expect(codeOf(await askOffers(parts, stranger, wish()))).toBe('auth.merchant_missing');
});
