import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Refusal } from '../kernel/index.ts';
import { allowed, everyMerchant, listUsers } from '../identity/index.ts';
import type { Session } from './session.ts';

const aboutRoles = ['auth.role_missing', 'approval.role_missing', 'approval.maker_is_checker'];

/**
 * Where a role is missing, or a second person: who has it here, for those who may see people. In a sandbox one person plays everybody, so
 * it also says how to type as one of them. `loginsFolder` holds the logins that this machine has kept.
 */
export async function namingPeople(session: Session, refusal: Refusal, loginsFolder: string): Promise<Refusal> {
  const { actor, db, sandbox } = session;
  const wanted = String(refusal.params['role'] ?? '').split(' / ');
  const everywhere = actor.merchants.includes(everyMerchant);
  const maySee = sandbox || allowed(actor, 'users.read', everywhere ? undefined : actor.merchants[0]).ok;
  if (!aboutRoles.includes(refusal.code) || !maySee) return refusal;
  const isNear = (merchants: readonly string[]): boolean =>
    everywhere || merchants.includes(everyMerchant) || merchants.some((one) => actor.merchants.includes(one));
  const people = (await listUsers(db)).filter(
    ({ id, roles, merchants, disabledAt }) =>
      id !== actor.userId &&
      disabledAt === undefined &&
      isNear(merchants) &&
      wanted.some((role) => roles.includes(role)),
  );
  if (people.length === 0) return refusal;
  const known = people.find(({ id }) => sandbox && existsSync(join(loginsFolder, id)));
  const named = people.map(({ id, name }) => (id === name ? id : `${id} (${name})`)).join(', ');
  const login = known ? { login: `liushui login ${known.id}` } : {};
  return { ...refusal, params: { ...refusal.params, people: named, ...login } };
}
