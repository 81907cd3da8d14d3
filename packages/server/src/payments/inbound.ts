import { createHash } from 'node:crypto';
import { bucketOfSerialNo, isSerialNo, refuse } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import type { Acknowledgement, InboundMessage, NoticeReading } from '../channels/contract/index.ts';
import { openAccount, openAccountOften } from '../accounts/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { bytesOfMessage } from './notice-message.ts';
import { noticePlace } from './notice-store.ts';
import type { PaymentParts } from './parts.ts';
import type { NoticeRow } from './work.ts';

export type Inbound = {
  readonly channel: string;
  readonly accountId: string;
  readonly message: InboundMessage;
  readonly peer: string;
};

/** A message as its channel's folder reads it, with the words that answer it. */
export type ReadNotice = {
  readonly opened: OpenAccount;
  readonly reading: NoticeReading;
  readonly ack: Acknowledgement;
};

/** @returns refusal notice.account_unknown: nobody here has this account at this channel. */
export async function readNotice(
  parts: PaymentParts,
  { channel, accountId, message }: Inbound,
): Promise<Result<ReadNotice>> {
  const opened = await openAccountOften(parts, accountId);
  if (opened.ok && opened.value.channel !== channel) return refuse('notice.account_unknown', { account: accountId });
  return readWith(opened, accountId, message, parts.clock.now());
}

/** A kept message as it was read when it came: by the keys of that moment, which judged its signature. */
export async function readNoticeOf(
  parts: PaymentParts,
  { accountId, message }: Pick<Inbound, 'accountId' | 'message'>,
  receivedAt: Instant,
): Promise<Result<ReadNotice>> {
  const opened = await openAccount({ ...parts, clock: { now: () => receivedAt } }, accountId);
  return readWith(opened, accountId, message, receivedAt);
}

function readWith(
  opened: Result<OpenAccount>,
  accountId: string,
  message: InboundMessage,
  at: Instant,
): Result<ReadNotice> {
  const pay = opened.ok ? opened.value.connector.pay : undefined;
  const rules = opened.ok ? opened.value.connector.manifest.pay?.notice : undefined;
  if (!opened.ok || !pay || !rules) return refuse('notice.account_unknown', { account: accountId });
  const { account, secrets } = opened.value;
  const reading = pay.notice.read(message, account, secrets, at);
  const ack = reading.trust === 'verified' ? (reading.ack ?? rules.ack) : rules.refused;
  return { ok: true, value: { opened: opened.value, reading, ack } };
}

/** What is kept of it: sealed, as it came. */
export function rowOf(parts: PaymentParts, { accountId, message, peer }: Inbound, reading: NoticeReading): NoticeRow {
  const id = parts.ids.next();
  const { trust, kind, word, outcome, serialNo = '', refundNo = '', noticeId = '' } = reading;
  return {
    ...{ bucket: isSerialNo(serialNo) ? bucketOfSerialNo(serialNo) : 0, id, accountId, peer },
    receivedAt: parts.clock.now(),
    digest: createHash('sha256').update(message.query).update('\n').update(message.body).digest('hex').slice(0, 32),
    message: parts.keyring.sealBytes('exchange', bytesOfMessage(message), noticePlace(id)),
    state: trust === 'verified' ? 'stored' : 'refused',
    reading: { trust, kind, word, outcome: outcome.kind, serialNo, refundNo, noticeId },
  };
}
