import type { Actor } from '../../src/identity/index.ts';
import { parseShanghai } from '../../src/kernel/index.ts';
import type { Instant } from '../../src/kernel/index.ts';

export const merchant = 'demo';
export const partner = '2088000000000001';
export const md5Key = 'test0only0test0only0test0only0md';

const person = (userId: string, name: string, roles: Actor['roles']): Actor => ({
  ...{ userId, name, roles },
  merchants: [merchant],
  door: 'cli',
});
export const people = {
  wang: person('wang', '王', ['maker']),
  li: person('li', '李', ['maker', 'checker']),
  zhao: person('zhao', '赵', ['checker']),
} as const;

function at(text: string): Instant {
  const instant = parseShanghai(text);
  if (instant === undefined) throw new Error(`no time: ${text}`);
  return instant;
}

export const beginsAt = at('2015-10-28 16:20:00');
export const paidAt = at('2015-10-27 20:00:00');
