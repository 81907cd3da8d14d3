import { beforeAll, expect, test } from 'vitest';
import { useDatabase } from '../../test/kit/database.ts';
import { days, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { createIds, seededRandomBytes } from '../platform/ids.ts';
import { makeOwnLogin, registerClaims, takeClaim } from './claims.ts';

const own = useDatabase();
const start = Date.parse('2026-11-22T01:00:00+08:00') as Instant;
const random = seededRandomBytes('claims');
const ids = createIds({ now: () => start }, random);
const digest = (_class: 'token', token: string) => new Uint8Array(Buffer.from(token).subarray(0, 32));
const stampAt = (at: Instant) => ({ at, ids });

beforeAll(async () => {
  for (const user of ['wang', 'zhao'])
    await own.db.query(`insert into users values ($1, $1, '{}', '{}', now())`, [user]);
});

const register = (userId: string, claim: string) =>
  own.db.transaction((tx) => registerClaims(tx, [{ userId, claim }], stampAt(start)));
const take = (token: string, at: Instant) =>
  own.db.transaction((tx) => takeClaim(tx, { token, from: { host: 'a' } }, digest, stampAt(at)));

test('a claim is good for a week and for one coming, however many come at once', async () => {
  const [wang, zhao] = [makeOwnLogin(random), makeOwnLogin(random)];
  expect(await register('wang', wang.claim)).toMatchObject({ ok: true });
  expect(await register('zhao', zhao.claim)).toMatchObject({ ok: true });
  expect(await take(zhao.token, plus(start, days(7)))).toMatchObject({ refusal: { code: 'claim.lapsed' } });
  const both = await Promise.all([take(wang.token, plus(start, 1)), take(wang.token, plus(start, 1))]);
  expect(both.filter(({ ok }) => ok)).toHaveLength(1);
  expect(both.find(({ ok }) => !ok)).toMatchObject({ refusal: { code: 'claim.taken' } });
  const audit = await own.db.query(
    `select actor, subject, detail->>'host' as host from audit_entries where act = 'login.claimed'`,
  );
  expect(audit).toEqual([{ actor: 'wang', subject: 'wang', host: 'a' }]);
});

test('a claim tells nothing of the login, and another login does not fit it', async () => {
  const [one, other] = [makeOwnLogin(random), makeOwnLogin(random)];
  expect(one.claim).not.toContain(one.token.slice(7, 15));
  expect(await register('wang', one.claim)).toMatchObject({ ok: true });
  expect(await take(other.token, start)).toMatchObject({ refusal: { code: 'claim.unknown' } });
  expect(await take(one.claim, start)).toMatchObject({ refusal: { code: 'claim.unknown' } });
  expect(await register('wang', 'ls_claim_1')).toMatchObject({ refusal: { code: 'usage.bad_input' } });
});
