import { beforeEach, expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { listAudit } from '../identity/index.ts';
import type { Actor, Stamp } from '../identity/index.ts';
import { hours, minutes, plus } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { createIds, seededRandomBytes } from '../platform/ids.ts';
import { askApproval, decideApproval, findApproval, lapseApprovals, listApprovals, useApproval } from './index.ts';
import type { Ask, Decide, Use } from './index.ts';

const shared = useDatabase();
const start = Date.parse('2015-10-28T07:40:00Z') as Instant;
const random = seededRandomBytes('approvals');
const stampAt = (at: Instant): Stamp => ({ at, ids: createIds({ now: () => at }, random) });
const stamp = stampAt(start);

const wang: Actor = { userId: 'wang', name: 'Wang', roles: ['maker', 'checker'], merchants: ['m1'], door: 'cli' };
const zhao: Actor = { userId: 'zhao', name: 'Zhao', roles: ['checker'], merchants: ['m1'], door: 'api' };
const qian: Actor = { ...zhao, userId: 'qian', name: 'Qian' };
const input = { orders: ['3130001', '3130002'], pace: 20, place: 'ZONGSHU' };
const plan: Ask = { merchantId: 'm1', command: 'customs.repush', subject: 'P-3', input, maker: wang };

const codeOf = (result: Result<unknown>) => (result.ok ? 'done' : result.refusal.code);
const ask = (more: Partial<Ask> = {}) => shared.db.transaction((tx) => askApproval(tx, { ...plan, ...more }, stamp));
const decide = (id: string, more: Partial<Decide> = {}, at = start) =>
  shared.db.transaction((tx) =>
    decideApproval(
      tx,
      { id, verdict: 'approve', checker: zhao, reason: '', onePersonAllowed: false, ...more },
      stampAt(at),
    ),
  );
const use = (id: string, more: Partial<Use> = {}, at = start) =>
  shared.db.transaction((tx) =>
    useApproval(tx, { id, command: plan.command, subject: plan.subject, input, by: wang, ...more }, stampAt(at)),
  );
const trail = async () => (await listAudit(shared.db, { limit: 50 })).map((one) => `${one.actor} ${one.act}`);

async function born(as: 'sandbox' | 'production'): Promise<void> {
  await shared.db.query(`
    TRUNCATE installation, users, merchants, approvals, audit_entries, counters CASCADE;
    INSERT INTO installation (born_as, epoch, cluster_identity, created_at) VALUES ('${as}', 0, 'test', now());
    INSERT INTO merchants VALUES ('m1', '甲', 'One', now());
    INSERT INTO users (id, name, roles, merchants, created_at)
      SELECT id, id, '{}', '{}', now() FROM unnest('{wang,zhao,qian}'::text[]) id`);
}

beforeEach(() => born('sandbox'));

test('asked, approved, used once, each with its entry in the trail', async () => {
  const { id, digest, lapsesAt } = await ask();
  expect([id, (await ask({ subject: 'P-4' })).id]).toEqual(['A-1', 'A-2']);
  expect(lapsesAt - start).toBe(hours(2));
  expect(codeOf(await use(id))).toBe('approval.not_approved');
  expect(await decide(id, { expectedDigest: digest })).toMatchObject({ value: { state: 'approved', checker: 'zhao' } });
  expect(codeOf(await use(id))).toBe('done');
  expect(codeOf(await use(id))).toBe('approval.already_used');
  expect(codeOf(await decide(id, { checker: qian }))).toBe('approval.already_decided');
  expect(codeOf(await use('A-99'))).toBe('approval.not_found');
  expect(codeOf(await decide('A-99'))).toBe('approval.not_found');
  expect((await trail()).sort()).toEqual([
    'wang approval.asked',
    'wang approval.asked',
    'wang approval.used',
    'zhao approval.approved',
  ]);
});

test('the maker is refused by person: another login, another door and every role change nothing', async () => {
  const { id } = await ask();
  const logins: Actor[] = [wang, { ...wang, door: 'api' }, { ...wang, name: 'Other', roles: ['checker', 'admin'] }];
  for (const checker of logins) expect(codeOf(await decide(id, { checker }))).toBe('approval.maker_is_checker');
  expect(await trail()).toEqual(['wang approval.asked']);
  expect((await findApproval(shared.db, id, start))?.state).toBe('asked');
});

test('the table refuses a checker who is the maker, should the code ever forget', async () => {
  const { id } = await ask();
  const forced = shared.db.query(`UPDATE approvals SET checker = maker WHERE id = $1`, [id]);
  await expect(forced).rejects.toThrow('check constraint');
});

test('one person alone: only where the setting and the birth mark say so, and the trail tells it', async () => {
  const { id } = await ask();
  expect(codeOf(await decide(id, { checker: wang }))).toBe('approval.maker_is_checker');
  const alone = await decide(id, { checker: wang, onePersonAllowed: true });
  expect(alone).toMatchObject({ value: { state: 'approved', checker: undefined } });
  const [entry] = await listAudit(shared.db, { act: 'approval.approved', limit: 1 });
  expect(entry).toMatchObject({ actor: 'wang', detail: { one_person: true } });
  await born('production');
  const again = await ask();
  expect(codeOf(await decide(again.id, { checker: wang, onePersonAllowed: true }))).toBe('approval.maker_is_checker');
});

test('with one person allowed a second one still counts as the checker', async () => {
  const { id } = await ask();
  expect(await decide(id, { onePersonAllowed: true })).toMatchObject({ value: { checker: 'zhao' } });
});

test('of two checkers at once one wins, and the trail has one decision', async () => {
  for (let round = 0; round < 5; round++) {
    const { id } = await ask({ subject: `P-${round}` });
    const said = await Promise.all([
      decide(id),
      decide(id, { checker: qian, verdict: 'refuse', reason: 'not this port' }),
      decide(id, { checker: qian }),
    ]);
    expect(said.map(codeOf).sort()).toEqual(['approval.already_decided', 'approval.already_decided', 'done']);
    const decisions = await listAudit(shared.db, { subject: `P-${round}`, limit: 9 });
    expect(decisions).toHaveLength(2);
  }
});

test('of two runs at once one gets the approval', async () => {
  const { id } = await ask();
  await decide(id);
  const runs = await Promise.all([use(id), use(id), use(id)]);
  expect(runs.map(codeOf).sort()).toEqual(['approval.already_used', 'approval.already_used', 'done']);
});

test('an approval covers this command, this subject and this input only', async () => {
  const { id } = await ask();
  await decide(id);
  const others: Partial<Use>[] = [
    { input: { ...input, orders: [...input.orders, '3130003'] } },
    { input: { ...input, pace: 200 } },
    { command: 'customs.declare_anew' },
    { subject: 'P-4' },
  ];
  for (const other of others) expect(codeOf(await use(id, other))).toBe('approval.digest_differs');
  const stored = await findApproval(shared.db, id, start);
  expect(codeOf(await use(id, { input: stored!.input }))).toBe('done');
});

test('a run that is rolled back has not used the approval', async () => {
  const { id } = await ask();
  await decide(id);
  const broken = shared.db.transaction(async (tx) => {
    await useApproval(tx, { id, command: plan.command, subject: plan.subject, input, by: wang }, stamp);
    throw new Error('broken');
  });
  await expect(broken).rejects.toThrow('broken');
  expect(codeOf(await use(id))).toBe('done');
});

test('what waits too long lapses, decided or not, before and after the sweep', async () => {
  const { db } = shared;
  const waiting = await ask({ lapsesInMs: minutes(5) });
  const agreed = await ask({ subject: 'P-4', lapsesInMs: minutes(5) });
  const longer = await ask({ subject: 'P-5' });
  await decide(agreed.id);
  const late = plus(start, minutes(5));
  expect(codeOf(await decide(waiting.id, {}, late))).toBe('approval.lapsed');
  expect(codeOf(await use(agreed.id, { subject: 'P-4' }, late))).toBe('approval.lapsed');
  const listed = await listApprovals(db, { merchants: ['m1'], limit: 10 }, late);
  expect(listed.map((one) => `${one.id} ${one.state}`)).toEqual(['A-3 asked', 'A-2 lapsed', 'A-1 lapsed']);
  const lapsed = await db.transaction((tx) => lapseApprovals(tx, stampAt(late)));
  expect([...lapsed].sort()).toEqual([waiting.id, agreed.id]);
  expect(await db.transaction((tx) => lapseApprovals(tx, stampAt(late)))).toEqual([]);
  expect((await trail()).filter((line) => line === 'system approval.lapsed')).toHaveLength(2);
  expect(codeOf(await decide(longer.id, {}, late))).toBe('done');
  expect(await listApprovals(db, { merchants: ['m2'], limit: 10 }, late)).toEqual([]);
});

test('to ask for what nobody can approve, or in nobody’s name, is a bug', async () => {
  await expect(ask({ command: 'numbers' })).rejects.toThrow('no permission numbers.approve');
  await expect(ask({ maker: { ...wang, door: 'system' } })).rejects.toThrow('a person is the maker');
});
