import { beforeAll, beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import type { AccountParts } from '../accounts/index.ts';
import { findApproval, listApprovals } from '../approvals/index.ts';
import alipay from '../channels/alipay/index.ts';
import type { Connector, DefaultTerm } from '../channels/contract/index.ts';
import type { ChannelRegistry } from '../channels/registry.ts';
import { foundUsers, listAudit, systemActor } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { days, plus, rfc3339 } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { createIds, seededRandomBytes } from '../platform/ids.ts';
import { readMasterKey } from '../platform/keys-master.ts';
import { createKeyStore } from '../platform/keys-store.ts';
import { createKeyring } from '../platform/keys.ts';
import { describe } from '../platform/refusals.ts';
import { decideTerm, proposeTerm, showTerms } from './commands.ts';
import type { NewTerm } from './commands.ts';
import { defaultsFrom, termsOf } from './store.ts';

const own = useDatabase();
const start = Date.parse('2026-03-01T10:00:00+08:00') as Instant;
let now = start;
let parts: AccountParts;

const person = (userId: string, role: 'finance' | 'checker' | 'admin'): Actor => ({
  ...{ userId, name: userId, roles: [role], merchants: ['demo'], door: 'cli' },
});
const [lin, zhao, chen] = [person('lin', 'finance'), person('zhao', 'checker'), person('chen', 'admin')];

const all = { product: '*', scene: '*', source: 'default' } as const;
const terms: readonly DefaultTerm[] = [
  { ...all, kind: 'fee', value: { rate: '0.006' }, from: 'price list' },
  { ...all, kind: 'refund_window', value: { days: 90 }, from: 'older text' },
  { ...all, kind: 'refund_window', value: { days: 365 }, from: 'newer text', alternative: true },
];
const connector: Connector = { ...alipay, terms };
const channels: ChannelRegistry = {
  get: (id) => (id === 'alipay' ? connector : undefined),
  all: () => [connector],
};

beforeAll(async () => {
  const random = seededRandomBytes('contracts');
  const clock = { now: () => now };
  const ids = createIds(clock, random);
  const master = readMasterKey(`liushui-master-key-1 ${Buffer.from(random(32)).toString('base64')}`)!;
  const keyring = createKeyring({ master, store: createKeyStore(own.db), ids, random, clock });
  await keyring.prepare(start);
  parts = { db: own.db, channels, keyring, ids, clock };
  await bornAs('sandbox');
  await own.db.query(`insert into merchants (id, name_zh, name_en, created_at) values ('demo', '示例', 'Demo', now())`);
  for (const id of ['A1', 'A2'])
    await own.db.query(
      `insert into channel_accounts (id, merchant_id, channel, name, settings, created_at) values ($1, 'demo', 'alipay', $1, '{}', now())`,
      [id],
    );
  await own.db.transaction(async (tx) => {
    const people = [lin, zhao, chen].map(({ userId, name, roles, merchants }) => ({
      id: userId,
      name,
      roles,
      merchants,
    }));
    const founded = await foundUsers(tx, people, systemActor, { at: now, ids });
    if (!founded.ok) throw new Error(founded.refusal.code);
  });
});

async function bornAs(as: 'sandbox' | 'production'): Promise<void> {
  await own.db.query('delete from installation');
  await own.db.query(
    `insert into installation (born_as, epoch, cluster_identity, created_at) values ($1, 1, 'test', now())`,
    [as],
  );
}

beforeEach(async () => {
  now = start;
  await own.db.query('truncate contract_terms');
});

const wish = (given: Partial<NewTerm> = {}): NewTerm => ({
  ...{ accountId: 'A1', product: '*', scene: '*', kind: 'fee', value: { rate: '0.0055' } },
  ...{ validFrom: start, source: 'contract 12, clause 4' },
  ...given,
});

async function propose(given: Partial<NewTerm> = {}, actor = lin, alone = false) {
  return proposeTerm(parts, actor, wish(given), { reason: 'new contract', alone });
}

/** Two people, as in production. */
async function agree(given: Partial<NewTerm>): Promise<string> {
  const proposed = await propose(given);
  if (!proposed.ok) return proposed.refusal.code;
  const decided = await decideTerm(parts, zhao, proposed.value.approvalId, 'approve', '');
  return decided.ok ? 'agreed' : decided.refusal.code;
}

async function rateAt(at: Instant, product = 'wap', scene: 'online' | 'counter' = 'online', accountId = 'A1') {
  const found = (await termsOf(own.db, [accountId], at, defaultsFrom(channels)))
    .get(accountId)
    ?.find('fee', product, scene);
  return found && `${found.value.rate}${found.confirmed ? '' : '?'}`;
}

test('a term holds from its day on once a second person agreed, and the default until then', async () => {
  const proposed = await propose({ validFrom: plus(start, days(1)) });
  if (!proposed.ok) throw new Error(proposed.refusal.code);
  const { approvalId } = proposed.value;
  expect(await rateAt(plus(start, days(2)))).toBe('0.006?');
  const own1 = await decideTerm(parts, lin, approvalId, 'approve', '');
  expect(own1.ok || own1.refusal.code).toBe('approval.maker_is_checker');
  const decided = await decideTerm(parts, zhao, approvalId, 'approve', 'read it too');
  expect(decided).toMatchObject({ ok: true, value: { madeBy: 'lin', approvedBy: 'zhao', approvalId } });
  expect(await rateAt(plus(start, days(1) - 1))).toBe('0.006?');
  expect(await rateAt(plus(start, days(1)))).toBe('0.0055');
  expect(await rateAt(plus(start, days(1)), 'wap', 'online', 'A2')).toBe('0.006?');
  const acts = (await listAudit(own.db, { subject: 'A1/fee/*/*', limit: 10 })).map((entry) => entry.act);
  expect(acts.sort()).toEqual([
    ...['account.term_agreed', 'account.term_proposed', 'approval.approved', 'approval.asked', 'approval.used'],
  ]);
});

test('a later term ends the earlier one, and the earlier one stays to be read', async () => {
  expect(await agree({})).toBe('agreed');
  expect(await agree({ validFrom: plus(start, days(10)), value: { rate: '0.0038', min_minor: 8 } })).toBe('agreed');
  expect(await rateAt(plus(start, days(10) - 1))).toBe('0.0055');
  expect(await rateAt(plus(start, days(10)))).toBe('0.0038');
  now = plus(start, days(10));
  const shown = await showTerms(parts, lin, 'A1');
  if (!shown.ok) throw new Error(shown.refusal.code);
  expect(shown.value.terms.map((term) => `${String(term.value['rate'])} ${term.state}`)).toEqual([
    ...['0.0038 in_force', '0.0055 ended'],
  ]);
  expect(shown.value.defaults).toEqual(terms);
});

test('two terms of one subject never hold at once', async () => {
  expect(await agree({ validFrom: plus(start, days(10)) })).toBe('agreed');
  const table: readonly (readonly [Partial<NewTerm>, string])[] = [
    [{ validFrom: plus(start, days(10)) }, 'contract.term_overlaps'],
    [{ validFrom: start }, 'contract.term_overlaps'],
    [{ validFrom: start, validTo: plus(start, days(11)) }, 'contract.term_overlaps'],
    [{ validFrom: start, validTo: plus(start, days(10)) }, 'agreed'],
    [{ validFrom: plus(start, days(11)) }, 'agreed'],
    [{ product: 'wap' }, 'agreed'],
    [{ scene: 'counter' }, 'agreed'],
    [{ kind: 'void_fee', value: { charged: 'no' } }, 'agreed'],
    [{ accountId: 'A2' }, 'agreed'],
  ];
  for (const [given, said] of table) expect(await agree(given), JSON.stringify(given)).toBe(said);
});

test('of two terms proposed at once for the same days, the one that is agreed to second is refused', async () => {
  const [one, other] = [await propose(), await propose({ value: { rate: '0.004' } })];
  if (!one.ok || !other.ok) throw new Error('not proposed');
  const both = await Promise.all(
    [one, other].map(({ value }) => decideTerm(parts, zhao, value.approvalId, 'approve', '')),
  );
  expect(both.map((said) => (said.ok ? 'agreed' : said.refusal.code)).sort()).toEqual([
    ...['agreed', 'contract.term_overlaps'],
  ]);
  const late = both[0]?.ok ? other : one;
  expect((await findApproval(own.db, late.value.approvalId, now))?.state).toBe('asked');
});

test('the most specific term wins, and any term of the account wins over a default', async () => {
  await agree({ value: { rate: '0.001' } });
  expect(await rateAt(start)).toBe('0.001');
  await agree({ scene: 'counter', value: { rate: '0.002' } });
  expect(await rateAt(start, 'wap', 'counter')).toBe('0.002');
  await agree({ product: 'wap', value: { rate: '0.003' } });
  expect(await rateAt(start, 'wap', 'counter')).toBe('0.003');
  await agree({ product: 'wap', scene: 'counter', value: { rate: '0.004' } });
  expect(await rateAt(start, 'wap', 'counter')).toBe('0.004');
  expect(await rateAt(start, 'wap', 'online')).toBe('0.003');
  expect(await rateAt(start, 'page', 'online')).toBe('0.001');
});

test('where a term has ended and nothing follows, the default holds again', async () => {
  await agree({ validTo: plus(start, days(5)) });
  expect(await rateAt(plus(start, days(5) - 1))).toBe('0.0055');
  expect(await rateAt(plus(start, days(5)))).toBe('0.006?');
});

test('of two texts of a channel the one that is offered holds for nobody before it is agreed to', async () => {
  const windowOf = async (accountId: string) =>
    (await termsOf(own.db, [accountId], now, defaultsFrom(channels)))
      .get(accountId)
      ?.find('refund_window', 'wap', 'online');
  expect(await windowOf('A1')).toEqual({
    ...{ value: { days: 90 }, source: 'default', confirmed: false },
    about: { product: '*', scene: '*' },
  });
  await agree({ kind: 'refund_window', value: { days: 365 } });
  expect((await windowOf('A1'))?.value.days).toBe(365);
  expect((await windowOf('A2'))?.value.days).toBe(90);
});

test('what is no term is refused with what would be one', async () => {
  const table: readonly (readonly [Partial<NewTerm>, string])[] = [
    [{ kind: 'fees' }, 'contract.unknown_kind /kind'],
    [{ kind: 'toString' }, 'contract.unknown_kind /kind'],
    [{ product: 'code' }, 'contract.unknown_product /product'],
    [{ scene: 'shop' }, 'contract.value_unfit /scene'],
    [{ value: { rate: 0.006 } }, 'contract.value_unfit /value/rate'],
    [{ value: { rate: '0.6 %' } }, 'contract.value_unfit /value/rate'],
    [{ value: { rate: '1' } }, 'contract.value_unfit /value/rate'],
    [{ value: {} }, 'contract.value_unfit /value/rate'],
    [{ value: null }, 'contract.value_unfit /value/fee'],
    [{ value: { rate: '0.006', minimum: 8 } }, 'contract.value_unfit /value/minimum'],
    [{ value: { rate: '0.006', min_minor: 0.5 } }, 'contract.value_unfit /value/min_minor'],
    [{ kind: 'fee_return', value: { kind: 'rate', reading: 'b' } }, 'contract.value_unfit /value/reading'],
    [{ kind: 'limits', value: {} }, 'contract.value_unfit /value/limits'],
    [{ kind: 'licence', value: { name: 'x', expires_on: '2026-02-30' } }, 'contract.value_unfit /value/expires_on'],
    [{ kind: 'hours', value: { from: '09:00', to: '24:00' } }, 'contract.value_unfit /value/to'],
    [{ source: ' ' }, 'contract.source_missing /source'],
    [{ validTo: start }, 'contract.ends_before_it_begins /valid_to'],
    [{ accountId: 'A9' }, 'account.not_found'],
  ];
  for (const [given, said] of table) {
    const proposed = await propose(given);
    const { code = 'proposed', pointer } = proposed.ok ? {} : proposed.refusal;
    expect(pointer === undefined ? code : `${code} ${pointer}`, JSON.stringify(given)).toBe(said);
  }
});

test('who may not propose does not, nor for another merchant', async () => {
  const byChecker = await propose({}, zhao);
  expect(byChecker.ok || byChecker.refusal.code).toBe('auth.role_missing');
  const elsewhere = await propose({}, { ...lin, merchants: ['other'] });
  expect(elsewhere.ok || elsewhere.refusal.code).toBe('auth.merchant_missing');
  const shown = await showTerms(parts, { ...lin, merchants: ['other'] }, 'A1');
  expect(shown.ok || shown.refusal.code).toBe('auth.merchant_missing');
});

test('one person alone is enough in a sandbox and never in production, where nothing stays behind', async () => {
  const alone = await propose({}, chen, true);
  expect(alone).toMatchObject({ ok: true, value: { term: { madeBy: 'chen', approvedBy: undefined } } });
  const asked = async () => (await listApprovals(own.db, { merchants: 'all', limit: 100 }, now)).length;
  const before = await asked();
  const noChecker = await propose({ product: 'wap' }, lin, true);
  expect(noChecker.ok || noChecker.refusal.code).toBe('approval.role_missing');
  await bornAs('production');
  const refused = await propose({ product: 'wap' }, chen, true);
  await bornAs('sandbox');
  expect(refused.ok || refused.refusal.code).toBe('production.refuses');
  expect(await asked()).toBe(before);
});

test('a second person sees exactly what will hold, to the second', async () => {
  const proposed = await propose({ validFrom: plus(start, 999), value: { rate: '0.0055', min_minor: 1 } });
  if (!proposed.ok) throw new Error(proposed.refusal.code);
  const approval = await findApproval(own.db, proposed.value.approvalId, now);
  expect(approval?.input).toEqual({
    ...{ account: 'A1', product: '*', scene: '*', kind: 'fee', source: 'contract 12, clause 4' },
    ...{ value: { rate: '0.0055', min_minor: 1 }, valid_from: rfc3339(start) },
  });
  const other = await decideTerm(parts, zhao, proposed.value.approvalId, 'approve', '', '0'.repeat(64));
  expect(other.ok || other.refusal.code).toBe('approval.digest_differs');
  const no = await decideTerm(parts, zhao, proposed.value.approvalId, 'refuse', 'the paper says 0.6 %');
  expect(no).toEqual({ ok: true, value: undefined });
  expect(await rateAt(start)).toBe('0.006?');
});

test('all that is missing or wrong of a term is told at once, in both languages, with a command that holds', async () => {
  const refusalOf = async (more: Partial<NewTerm>): Promise<string[]> => {
    const proposed = await propose(more);
    if (proposed.ok) throw new Error('it was taken');
    return [describe(proposed.refusal, 'en'), describe(proposed.refusal, 'zh')];
  };
  const [en, zh] = await refusalOf({ kind: 'category', value: { colour: 'red' }, source: '' });
  for (const words of [
    'name is missing, allowed: text, up to 200 letters',
    'body is missing, allowed: goods | virtual | public',
    'colour is "red", allowed: members name, body',
    'source is missing',
    `liushui terms propose A1 category --value name=tea --value body=goods --source 'contract 4.1'`,
  ])
    expect(en).toContain(words);
  for (const words of ['经营类目 category', 'name 没有写，应为：文字', 'source 没有写，应为：合同编号'])
    expect(zh).toContain(words);
});

test('a word that was printed for something else is refused for what it is, wherever it was left', async () => {
  const refusalOf = async (more: Partial<NewTerm>) => {
    const proposed = await propose(more);
    return proposed.ok ? undefined : { ...proposed.refusal.params, code: proposed.refusal.code };
  };
  const left = { kind: 'category', value: { name: 'CATEGORY', body: 'goods' }, source: 'PAPER' };
  expect(await refusalOf(left)).toMatchObject({ code: 'onboarding.placeholder', words: 'CATEGORY, PAPER' });
  expect(await refusalOf({ kind: 'refund_window', value: { days: 'DAYS' } })).toMatchObject({ words: 'DAYS' });
  expect(await refusalOf({ ...left, value: { name: 'paper', body: 'goods' }, source: 'x' })).toBeUndefined();
});
