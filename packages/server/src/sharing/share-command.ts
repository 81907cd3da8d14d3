import type { Refusal, Result } from '../kernel/index.ts';
import { saveOrderChanges } from '../payments/index.ts';
import type { OrderEffect } from '../payments/index.ts';
import { execute, keyText } from '../platform/commands.ts';
import type { Alongside, Change, Command, Executor } from '../platform/commands.ts';
import type { Ids } from '../platform/ids.ts';
import { decideSharing } from './decide.ts';
import type { ShareAnswer, ShareInput } from './decide.ts';
import type { SharedOrder } from './shared-order.ts';
import { loadShared, saveShared } from './store.ts';

type SharedChange = Change<SharedOrder, OrderEffect>;

/** All that is ever done to shares goes through here: any number of inputs, one transaction, each order under its one version. */
export function executeShares(
  executor: Executor,
  ids: Ids,
  inputs: readonly ShareInput[],
  alongside?: Alongside<ShareInput, ShareAnswer>,
): Promise<Result<ShareAnswer>[]> {
  return execute(executor, shareCommand(ids), inputs, alongside);
}

const shareCommand = (ids: Ids): Command<ShareInput, SharedOrder, OrderEffect, ShareAnswer> => ({
  name: 'sharing.order',
  keyOf: ({ key }) => key,
  async load(tx, keys) {
    const found = await loadShared(tx, keys);
    return new Map(found.map((shared) => [keyText(shared.order), shared]));
  },
  decide: decideSharing,
  async save(tx, changes, at) {
    const conflicts = await saveOrderChanges(tx, changes.map(orderChange), at, ids);
    await saveShared(
      tx,
      changes.flatMap((change) => wonOf(change, conflicts)),
    );
    return conflicts;
  },
});

const orderChange = ({ key, before, after, effects }: SharedChange) => ({
  ...{ key, before: before?.order, after: after?.order, effects },
});

function wonOf({ key, before, after }: SharedChange, conflicts: ReadonlyMap<string, Refusal>) {
  return after && !conflicts.has(keyText(key)) ? [{ before, after }] : [];
}
