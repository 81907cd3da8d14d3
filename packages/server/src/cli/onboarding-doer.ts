import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { everyMerchant, listUsers, permissionsOfRole, roles } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { Next } from '../onboarding/index.ts';
import type { Words } from './answer.ts';
import { onboardingTexts as t } from './onboarding.texts.ts';
import type { Session, Use } from './session.ts';

type Doer = Next['doer'];
type Person = Pick<Actor, 'merchants'> & { readonly id: string; readonly roles: readonly string[] };

const rolesFor = ({ permission }: Doer): readonly string[] =>
  roles.filter((role) => permissionsOfRole[role].includes(permission));

function mayDo(doer: Doer, merchantId: string, { id, roles: own, merchants }: Person): boolean {
  const isBound = merchants.includes(everyMerchant) || merchants.includes(merchantId);
  return isBound && id !== doer.not && rolesFor(doer).some((role) => own.includes(role));
}

/** Where the next act is another person's: whose, and in a sandbox how one types as somebody whose login this machine has kept. */
export async function doerLines(
  { config, doors }: Use,
  { actor, db, sandbox }: Session,
  merchantId: string,
  doer: Doer | undefined,
): Promise<Words[]> {
  if (!doer || mayDo(doer, merchantId, { ...actor, id: actor.userId })) return [];
  const wanted = rolesFor(doer).join(' / ');
  if (!sandbox) return [t.othersTurn(wanted)];
  const folder = doors.firstLoginsFolder(config);
  const known = (await listUsers(db)).find(
    (user) => user.disabledAt === undefined && mayDo(doer, merchantId, user) && existsSync(join(folder, user.id)),
  );
  return [known ? t.typeAs(wanted, known.id) : t.othersTurn(wanted)];
}
