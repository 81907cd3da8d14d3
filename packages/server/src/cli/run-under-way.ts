import { listAccounts } from '../accounts/index.ts';
import { lookAt, nextFor } from '../onboarding/index.ts';
import { merchantsOf } from './scope.ts';
import type { Session } from './session.ts';

/** Whoever plays the world for an acceptance run goes on with the run: of the account of this order, or of the first that waits. */
export async function nextOfRun(session: Session, orderNo?: string): Promise<string | undefined> {
  const accounts = await listAccounts(session.db, await merchantsOf(session));
  for (const { id } of accounts) {
    const look = await lookAt(session.payments, session.actor, id, 'accounts.test');
    if (!look.ok || look.value.lines.every(({ state }) => state !== 'waiting')) continue;
    const { toClose, paying } = look.value.run;
    const numbers = [...(toClose ? [toClose] : []), ...paying].map((order) => order.orderNo);
    const isMeant = orderNo === undefined ? numbers.length > 0 : numbers.includes(orderNo);
    if (isMeant) return nextFor(id, { does: 'accept' }).next;
  }
  return undefined;
}
