import type { Result } from '../kernel/index.ts';
import { gather } from '../platform/commands.ts';
import type { Executor } from '../platform/commands.ts';
import type { Ids } from '../platform/ids.ts';
import type { OrderAnswer, OrderInput } from './inputs.ts';
import { executeOrders } from './order-command.ts';
import type { Policies } from './policies.ts';

/** Where single wishes and messages come in: those of one moment, or of the time that earlier ones take, are decided and committed as one list. */
export type OrderDoor = {
  readonly tell: (input: OrderInput) => Promise<Result<OrderAnswer>>;
  readonly tellAll: (inputs: readonly OrderInput[]) => Promise<Result<OrderAnswer>[]>;
};

/**
 * Two lists: one is committed while the next one is decided. More would wait for each other at the accounts of the ledger. A list of one costs
 * nearly as much as one of ten, hence the pause.
 */
const limits = { apartMs: 8, itemsMax: 500, listsMax: 2 } as const;

export function openOrderDoor(parts: {
  readonly executor: Executor;
  readonly policies: Policies;
  readonly ids: Ids;
}): OrderDoor {
  const tellAll = async (inputs: readonly OrderInput[]): Promise<Result<OrderAnswer>[]> => {
    const decide = { policyOf: await parts.policies.load(accountsOf(inputs)), ids: parts.ids };
    return executeOrders(parts.executor, decide, inputs);
  };
  return { tell: gather(tellAll, limits), tellAll };
}

const accountsOf = (inputs: readonly OrderInput[]): string[] =>
  inputs.flatMap((input) => (input.kind === 'open' ? [input.attempt.accountId] : []));
