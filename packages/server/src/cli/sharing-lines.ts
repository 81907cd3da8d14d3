import { done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { allowed } from '../identity/index.ts';
import { findOrdersBy } from '../payments/index.ts';
import type { Order } from '../payments/index.ts';
import type { Share, ShareReturn } from '../sharing/index.ts';
import type { Words } from './answer.ts';
import { money } from './layout.ts';
import { merchantsSeen } from './scope.ts';
import type { Session } from './session.ts';
import { sharingTexts as t } from './sharing.texts.ts';

/** The one order that a number leads to. */
export async function orderOf({ db, actor }: Session, number: string): Promise<Result<Order>> {
  const found = await findOrdersBy(db, merchantsSeen(actor), number);
  const [order, ...others] = found.filter(({ merchantId }) => allowed(actor, 'numbers.read', merchantId).ok);
  if (!order) return refuse('order.not_found', { order: number });
  if (others.length === 0) return done(order);
  const problem = [order, ...others].map(({ id }) => id).join(' | ');
  return refuse('usage.bad_input', { field: 'NUMBER', value: number, problem }, 'NUMBER');
}

export const linesOf = ({ shopShareNo, state, parts }: Share): Words[] => [
  t.share(shopShareNo, t.states[state]),
  ...parts.map(({ id, partNo, amount, state: of, why }) => t.part(`${partNo} ${id}`, money(amount), t.states[of], why)),
];

export const backLine = ({ shopReturnNo, amount, state }: ShareReturn): Words =>
  t.back(shopReturnNo, money(amount), t.backStates[state]);
