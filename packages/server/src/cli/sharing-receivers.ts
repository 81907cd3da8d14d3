import type { Command } from 'commander';
import { done, Secret } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { addReceiver, decideReceiver, removeReceiver, showReceivers } from '../sharing/index.ts';
import type { Receiver } from '../sharing/index.ts';
import type { Answer, Words } from './answer.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { optionMissing } from './option-missing.ts';
import { firstArg, text } from './session.ts';
import type { Run, Session } from './session.ts';
import { sharingTexts as t } from './sharing.texts.ts';

export function receiverCommands(kit: Kit, program: Command): void {
  const receivers = group(kit, program, 'receivers', t.receivers);
  const reason = ['--reason <text>', t.reasonOption] as const;
  leaf(kit, receivers, 'add <account> <kind> <number>', t.addAbout, add, [
    ['--name <name>', t.nameOption],
    ['--relation <relation>', t.relationOption],
    reason,
  ]);
  leaf(kit, receivers, 'remove <receiver>', t.removeAbout, remove, [reason]);
  leaf(kit, receivers, 'list <account>', t.receiversAbout, list);
}

const lineOf = ({ id, kind, accountMasked, nameMasked = '', state }: Receiver): Words =>
  t.receiver(id, kind, accountMasked, nameMasked, t.receiverStates[state]);

const jsonOf = ({ id, accountId, kind, accountMasked, nameMasked, relation, state, why }: Receiver) => ({
  ...{ receiver: id, account: accountId, kind, number: accountMasked, name: nameMasked ?? null },
  ...{ relation: relation ?? null, state, why },
});

const needsReason = (): Result<never> => optionMissing('--reason', '"..."');

const add: Run = async (use, args, options) => {
  const why = text(options, 'reason')?.trim() ?? '';
  if (why === '') return needsReason();
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { payments, actor } = opened.value;
  const [accountId = '', kind = '', number = ''] = args.map((one) => (typeof one === 'string' ? one : ''));
  const [name, relation] = [text(options, 'name'), text(options, 'relation')];
  const wish = {
    ...{ kind, account: new Secret(number) },
    ...(name === undefined ? {} : { name: new Secret(name) }),
    ...(relation === undefined ? {} : { relation }),
  };
  const asked = await addReceiver(payments, actor, accountId, wish, why);
  if (!asked.ok) return asked;
  const { receiver, approvalId } = asked.value;
  const waits = approvalId !== undefined;
  return done({
    ...{ exit: waits ? 4 : 0, lines: [lineOf(receiver), ...(waits ? [t.asked(approvalId)] : [])] },
    json: { ...jsonOf(receiver), approval: approvalId ?? null },
    next: waits ? `liushui approvals approve ${approvalId}` : `liushui receivers list ${accountId}`,
  });
};

const remove: Run = async (use, args, options) => {
  const why = text(options, 'reason')?.trim() ?? '';
  if (why === '') return needsReason();
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { payments, actor } = opened.value;
  const removed = await removeReceiver(payments, actor, firstArg(args).toLowerCase(), why);
  return removed.ok ? done(answerOf(removed.value)) : removed;
};

const answerOf = (receiver: Receiver): Answer => ({
  ...{ exit: 0, lines: [lineOf(receiver)], json: jsonOf(receiver) },
  next: `liushui receivers list ${receiver.accountId}`,
});

const list: Run = async (use, args) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { payments, actor } = opened.value;
  const accountId = firstArg(args);
  const shown = await showReceivers(payments, actor, accountId);
  if (!shown.ok) return shown;
  const lines = shown.value.length === 0 ? [t.noReceivers] : shown.value.map(lineOf);
  return done({ exit: 0, lines, json: { account: accountId, receivers: shown.value.map(jsonOf) } });
};

/** A second person's word; with a yes the channel is told. */
export async function decideOnReceiver(
  { payments, actor }: Session,
  approvalId: string,
  verdict: 'approve' | 'refuse',
  reason: string,
): Promise<Result<Answer>> {
  const decided = await decideReceiver(payments, actor, approvalId, verdict, reason);
  if (!decided.ok) return decided;
  const { id, state, accountId } = decided.value;
  return done({
    ...{ exit: 0, lines: [t.decided(id, t.receiverStates[state])] },
    json: { approval: approvalId, ...jsonOf(decided.value), by: actor.userId },
    next: `liushui receivers list ${accountId}`,
  });
}
