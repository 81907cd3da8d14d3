import { assert, bucketOf, done, refuse } from '../kernel/index.ts';
import type { Refusal, Result } from '../kernel/index.ts';
import type { ShareRules } from '../channels/contract/index.ts';
import { ensureAccountLanes, openAccount } from '../accounts/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { askApproval, decideApproval, findApproval, useApproval } from '../approvals/index.ts';
import type { Json } from '../approvals/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { Tx } from '../platform/db.ts';
import { enqueue, priorities } from '../platform/jobs.ts';
import type { JobWish } from '../platform/jobs.ts';
import { maskedName, maskedNumber } from '../platform/seal-words.ts';
import type { SharingParts } from './parts.ts';
import { refuseReceiver } from './receiver.ts';
import type { Receiver, WishedReceiver } from './receiver.ts';
import {
  changeReceivers,
  findReceiver,
  findReceivers,
  insertReceiver,
  listReceivers,
  receiverPlace,
} from './receiver-store.ts';
import { refuseClosed } from './terms.ts';

/** Its permission to decide is sharing.receivers.approve. */
const command = 'sharing.receivers';

const bucketOfAccount = (accountId: string): number => bucketOf('share_receivers', accountId);

type Asked = { readonly receiver: Receiver; readonly approvalId?: string; readonly digest?: string };

/**
 * Names somebody who may be given parts of an account's payments. It gives money away, so a second person agrees before the channel hears of it.
 * The same receiver again is the one that stands there.
 */
export async function addReceiver(
  parts: SharingParts,
  actor: Actor,
  accountId: string,
  wish: WishedReceiver,
  reason: string,
): Promise<Result<Asked>> {
  const opened = await openOwn(parts, actor, accountId);
  if (!opened.ok) return opened;
  const { rules, open } = opened.value;
  const refusal = refuseClosed(rules, open) ?? refuseReceiver(rules, wish);
  if (refusal) return { ok: false, refusal };
  const receiver = newReceiver(parts, open, wish);
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  return parts.db.transaction(async (tx) => {
    await ensureAccountLanes(tx, accountId, open.connector, stamp.at);
    const standing = (await insertReceiver(tx, receiver)) ? receiver : await standingOf(tx, receiver);
    if (standing.state !== 'asked' || (await isAsked(parts, standing))) return done({ receiver: standing });
    const { merchantId, id: subject } = standing;
    const asked = await askApproval(
      tx,
      { merchantId, command, subject, input: inputOf(standing, reason), maker: actor },
      stamp,
    );
    const known = { ...standing, approvalId: asked.id };
    await changeReceivers(tx, 'asked', [known]);
    await writeAudit(tx, [{ actor, act: 'receiver.asked', subject, reason }], stamp);
    return done({ receiver: known, approvalId: asked.id, digest: asked.digest });
  });
}

async function openOwn(
  parts: SharingParts,
  actor: Actor,
  accountId: string,
): Promise<Result<{ readonly open: OpenAccount; readonly rules: ShareRules }>> {
  const opened = await openAccount(parts, accountId);
  const permitted = allowed(actor, 'sharing.receivers', opened.ok ? opened.value.merchantId : undefined);
  if (!opened.ok) return opened;
  if (!permitted.ok) return permitted;
  const rules = opened.value.connector.manifest.share;
  return rules ? done({ open: opened.value, rules }) : refuse('share.channel_without', { account: accountId });
}

function newReceiver(parts: SharingParts, { account, merchantId }: OpenAccount, wish: WishedReceiver): Receiver {
  const { keyring, ids, clock } = parts;
  const id = ids.next();
  const { kind, account: number, name, relation } = wish;
  return {
    ...{ bucket: bucketOfAccount(account.id), id, accountId: account.id, merchantId, kind, state: 'asked', why: '' },
    // Kept for as long as it is used, as credentials are.
    accountSealed: keyring.sealText('credential', number, receiverPlace('account_sealed', id)),
    accountMasked: maskedNumber(number),
    accountDigest: keyring.digestKeyed('bank_account', number),
    ...{ bindNo: id.replaceAll('-', ''), createdAt: clock.now() },
    ...(name && !name.isEmpty()
      ? {
          nameSealed: keyring.sealText('credential', name, receiverPlace('name_sealed', id)),
          nameMasked: maskedName(name),
        }
      : {}),
    ...(relation === undefined ? {} : { relation }),
  };
}

async function standingOf(tx: Tx, { bucket, accountId, kind, accountDigest }: Receiver): Promise<Receiver> {
  const all = await listReceivers(tx, bucket, accountId);
  const same = all.find((one) => one.kind === kind && Buffer.from(one.accountDigest).equals(accountDigest));
  assert(same, 'a receiver that stands in the way is there');
  return same;
}

async function isAsked({ db, clock }: SharingParts, { approvalId }: Receiver): Promise<boolean> {
  const approval = approvalId === undefined ? undefined : await findApproval(db, approvalId, clock.now());
  return approval?.state === 'asked';
}

const inputOf = (one: Receiver, reason: string): Json => ({
  ...{ receiver: one.id, account: one.accountId, kind: one.kind, number: one.accountMasked },
  ...{ name: one.nameMasked ?? '', relation: one.relation ?? '', reason },
});

/** A second person's word about a receiver: with a yes the channel is told of him. Word and receiver are one transaction. */
export async function decideReceiver(
  parts: SharingParts,
  actor: Actor,
  approvalId: string,
  verdict: 'approve' | 'refuse',
  reason: string,
  expectedDigest?: string,
): Promise<Result<Receiver>> {
  const approval = await findApproval(parts.db, approvalId, parts.clock.now());
  if (approval?.command !== command) return refuse('approval.not_found', { subject: approvalId });
  const permitted = allowed(actor, 'sharing.receivers.approve', approval.merchantId);
  if (!permitted.ok) return permitted;
  const { subject, input } = approval;
  const bucket = bucketOfAccount((input as { readonly account: string }).account);
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  const word = { id: approvalId, verdict, checker: actor, reason, onePersonAllowed: false };
  return parts.db.transaction(async (tx) => {
    const decided = await decideApproval(tx, { ...word, ...(expectedDigest ? { expectedDigest } : {}) }, stamp);
    if (!decided.ok) return decided;
    if (verdict === 'approve') await useApproval(tx, { id: approvalId, command, subject, input, by: actor }, stamp);
    const [receiver] = await findReceivers(tx, [{ bucket, id: subject }]);
    if (receiver?.state !== 'asked') return refuse('receiver.not_found', { receiver: subject });
    const next: Receiver =
      verdict === 'approve'
        ? { ...receiver, state: 'binding' }
        : { ...receiver, state: 'refused', why: 'TWO_PEOPLE', endedAt: stamp.at };
    await changeReceivers(tx, 'asked', [next]);
    if (verdict === 'approve') await enqueue(tx, [receiverWish(next, 'share.bind', stamp.at)]);
    return done(next);
  });
}

const receiverWish = (
  { bucket, id, accountId }: Receiver,
  operation: 'share.bind' | 'share.unbind',
  dueAt: Receiver['createdAt'],
): JobWish => ({
  ...{ bucket, kind: operation, subject: id, lane: `${accountId}/${operation}`, dueAt },
  priority: priorities.operator,
});

/** Nobody is given anything more by this name: one person is enough for that. */
export async function removeReceiver(
  parts: SharingParts,
  actor: Actor,
  receiverId: string,
  reason: string,
): Promise<Result<Receiver>> {
  const receiver = await findReceiver(parts.db, receiverId);
  if (!receiver) return refuse('receiver.not_found', { receiver: receiverId });
  const permitted = allowed(actor, 'sharing.receivers', receiver.merchantId);
  if (!permitted.ok) return permitted;
  const { state } = receiver;
  if (state === 'unbinding' || state === 'removed') return done(receiver);
  if (state !== 'bound' && state !== 'asked') return refuse('receiver.not_bound', { receiver: receiverId, state });
  const stamp = { at: parts.clock.now(), ids: parts.ids };
  const next: Receiver =
    state === 'asked'
      ? { ...receiver, state: 'removed', endedAt: stamp.at }
      : { ...receiver, state: 'unbinding', unbindNo: parts.ids.next().replaceAll('-', '') };
  return parts.db.transaction(async (tx) => {
    const written = await changeReceivers(tx, state, [next]);
    if (written.size === 0) return refuse('receiver.not_bound', { receiver: receiverId, state });
    if (next.state === 'unbinding') await enqueue(tx, [receiverWish(next, 'share.unbind', stamp.at)]);
    await writeAudit(tx, [{ actor, act: 'receiver.removed', subject: receiverId, reason }], stamp);
    return done(next);
  });
}

/** Who may be given parts of this account's payments, masked. */
export async function showReceivers(
  parts: SharingParts,
  actor: Actor,
  accountId: string,
): Promise<Result<readonly Receiver[]>> {
  const opened = await openAccount(parts, accountId);
  const permitted = allowed(actor, 'accounts.read', opened.ok ? opened.value.merchantId : undefined);
  if (!opened.ok) return opened;
  if (!permitted.ok) return permitted;
  return done(await listReceivers(parts.db, bucketOfAccount(accountId), accountId));
}

/** Receivers of a request, as they stand: only bound ones of this very account. */
export async function boundReceivers(
  { db }: Pick<SharingParts, 'db'>,
  accountId: string,
  ids: readonly string[],
): Promise<Result<readonly Receiver[]>> {
  const bucket = bucketOfAccount(accountId);
  const found = await findReceivers(
    db,
    [...new Set(ids)].map((id) => ({ bucket, id })),
  );
  const refusal = ids.map((id) => refuseUnbound(found, accountId, id)).find((one) => one !== undefined);
  return refusal ? { ok: false, refusal } : done(found);
}

function refuseUnbound(found: readonly Receiver[], accountId: string, id: string): Refusal | undefined {
  const receiver = found.find((one) => one.id === id && one.accountId === accountId);
  if (!receiver) return { code: 'receiver.not_found', params: { receiver: id } };
  if (receiver.state === 'bound') return undefined;
  return { code: 'receiver.not_bound', params: { receiver: id, state: receiver.state } };
}
