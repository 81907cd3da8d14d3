import type { Database } from '../platform/db.ts';

type Waiters = Map<string, Set<() => void>>;
const waiting = new WeakMap<Database, Waiters>();

/**
 * Resolves when this process has committed what a channel answered about the order, and after so many milliseconds at the latest: another
 * process may have heard it, and nobody tells of that.
 */
export function heardAbout(db: Database, orderId: string, withinMs: number): Promise<void> {
  const orders: Waiters = waiting.get(db) ?? new Map<string, Set<() => void>>();
  waiting.set(db, orders);
  const waiters = orders.get(orderId) ?? new Set();
  orders.set(orderId, waiters);
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      waiters.delete(end);
      if (waiters.size === 0 && orders.get(orderId) === waiters) orders.delete(orderId);
      resolve();
    };
    const timer = setTimeout(end, Math.max(0, withinMs));
    waiters.add(end);
  });
}

export function tellHeard(db: Database, orderIds: readonly string[]): void {
  const orders = waiting.get(db);
  for (const id of orderIds) for (const end of [...(orders?.get(id) ?? [])]) end();
}
