import { expect, test } from 'vitest';
import { allowed, everyMerchant, systemActor } from './actor.ts';
import type { Actor } from './actor.ts';
import { permissions, permissionsOfRole, roles, rolesWith } from './roles.ts';
import type { Permission } from './roles.ts';

const person = (role: Actor['roles'][number], more: Partial<Actor> = {}): Actor => ({
  ...{ userId: 'wang', name: 'Wang', roles: [role], merchants: ['m1'], door: 'cli' },
  ...more,
});

/** Merchant `-`: an act that concerns the whole installation. */
const table = `
  role     bound  scopes                  permission               merchant  answer
  maker    m1     all                     customs.repush.propose   m1        yes
  maker    m1     all                     customs.repush.propose   m2        auth.merchant_missing
  maker    *      all                     customs.repush.propose   m2        yes
  maker    m1     all                     customs.repush.approve   m1        auth.role_missing
  checker  m1     all                     customs.repush.approve   m1        yes
  checker  m1     all                     customs.repush.propose   m1        auth.role_missing
  viewer   m1     all                     numbers.read             m1        yes
  viewer   m1     all                     exchanges.read           m1        auth.role_missing
  admin    *      all                     users.change             -         yes
  admin    m1     all                     users.change             -         auth.merchant_missing
  auditor  *      all                     audit.read               -         yes
  admin    *      all                     audit.read               -         auth.role_missing
  maker    m1     customs.import          customs.import           m1        yes
  maker    m1     customs.import          customs.repush.propose   m1        auth.scope_missing
  viewer   m1     customs.repush.approve  customs.repush.approve   m1        auth.role_missing
  maker    m1     none                    customs.import           m1        auth.scope_missing
`;

test('role, scope and merchant must all permit an act', () => {
  const lines = table.trim().split('\n').slice(1);
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) {
    const [role, bound, scopes, permission, merchant, answer] = line.trim().split(/\s+/);
    const limited = scopes === 'all' ? {} : { scopes: scopes === 'none' ? [] : [scopes!] };
    const actor = person(role as 'maker', { merchants: [bound!], ...limited });
    const result = allowed(actor, permission as Permission, merchant === '-' ? undefined : merchant);
    expect(result.ok ? 'yes' : result.refusal.code, line).toBe(answer);
  }
});

test('a missing role names the roles that have it', () => {
  const refused = allowed(person('viewer'), 'customs.repush.approve', 'm1');
  expect(refused).toMatchObject({ refusal: { params: { role: 'checker' } } });
});

test('nobody who may only prepare can agree, and every permission belongs to some role', () => {
  for (const permission of permissions) expect(rolesWith(permission), permission).not.toEqual([]);
  const agreeing = roles.filter((role) => permissionsOfRole[role].some((one) => one.endsWith('.approve')));
  expect(agreeing).toEqual(['checker', 'admin']);
});

test('the installation itself is bound to every merchant', () => {
  expect(allowed(systemActor, 'users.change', undefined).ok).toBe(true);
  expect(systemActor.merchants).toEqual([everyMerchant]);
});
