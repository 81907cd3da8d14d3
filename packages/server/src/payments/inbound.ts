import { createHash } from 'node:crypto';
import { bucketOfSerialNo, isSerialNo, refuse, toDecimal } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import type { Acknowledgement, InboundMessage, NoticeReading } from '../channels/contract/index.ts';
import { openAccountOften } from '../accounts/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { shared } from '../platform/commands.ts';
import { openCases } from '../cases/index.ts';
import { tellHeard } from './hearing.ts';
import type { OrderInput } from './inputs.ts';
import type { HeardOfAttempt } from './observe-attempt.ts';
import { insertNotices, noticePlace } from './notice-store.ts';
import { findAttemptsBySerial } from './order-store.ts';
import type { OrderDoor } from './order-door.ts';
import type { PaymentParts } from './parts.ts';
import type { NoticeRow } from './work.ts';

export type Inbound = {
  readonly channel: string;
  readonly accountId: string;
  readonly message: InboundMessage;
  readonly peer: string;
};

const findAttemptBySerial = shared(findAttemptsBySerial);

/**
 * A message that a channel sent by itself: kept as it came, verified, told to the order, and acknowledged in the channel's words once it is
 * committed. What is forged is kept and refused; what is genuine but nobody's is kept, acknowledged, and a case.
 */
export async function takeNotice(
  parts: PaymentParts,
  door: OrderDoor,
  inbound: Inbound,
): Promise<Result<Acknowledgement>> {
  const opened = await openAccountOften(parts, inbound.accountId);
  const pay = opened.ok ? opened.value.connector.pay : undefined;
  const rules = opened.ok ? opened.value.connector.manifest.pay?.notice : undefined;
  if (!opened.ok || !pay || !rules || opened.value.channel !== inbound.channel)
    return refuse('notice.account_unknown', { account: inbound.accountId });
  const { account, secrets } = opened.value;
  const reading = pay.notice.read(inbound.message, account, secrets, parts.clock.now());
  const row = rowOf(parts, inbound, reading);
  if (reading.trust !== 'verified') {
    await insertNotices(parts.db, [{ ...row, state: 'refused' }]);
    parts.metrics.count('liushui_notices_total', { channel: inbound.channel, ended: 'refused' }, 1);
    return { ok: true, value: rules.refused };
  }
  const input = await inputOf(parts, opened.value, reading, row);
  const told = input && (await door.tell(input));
  if (input) tellHeard(parts.db, [input.key.id]);
  if (!told?.ok) await keepUnknown(parts, opened.value, reading, row, told?.refusal.code);
  parts.metrics.count('liushui_notices_total', { channel: inbound.channel, ended: told?.ok ? 'told' : 'unknown' }, 1);
  // A fault of ours keeps the message coming; everything else is acknowledged, above all money that we hold.
  const isOurFault = told !== undefined && !told.ok && told.refusal.code.startsWith('server.');
  return { ok: true, value: isOurFault ? rules.refused : (reading.ack ?? rules.ack) };
}

function rowOf(parts: PaymentParts, { accountId, message, peer }: Inbound, reading: NoticeReading): NoticeRow {
  const id = parts.ids.next();
  const { trust, kind, word, outcome, serialNo = '', refundNo = '', noticeId = '' } = reading;
  const text = `${message.method} ?${message.query}\n${JSON.stringify(message.headers)}\n\n`;
  const bytes = Buffer.concat([Buffer.from(text), message.body]);
  return {
    ...{ bucket: isSerialNo(serialNo) ? bucketOfSerialNo(serialNo) : 0, id, accountId, peer },
    receivedAt: parts.clock.now(),
    digest: createHash('sha256').update(message.query).update('\n').update(message.body).digest('hex').slice(0, 32),
    message: parts.keyring.sealBytes('exchange', bytes, noticePlace(id)),
    state: 'told',
    reading: { trust, kind, word, outcome: outcome.kind, serialNo, refundNo, noticeId },
  };
}

async function inputOf(
  parts: PaymentParts,
  { account }: OpenAccount,
  reading: NoticeReading,
  notice: NoticeRow,
): Promise<OrderInput | undefined> {
  const { serialNo = '', isOurs, kind } = reading;
  if (!isOurs || !isSerialNo(serialNo) || kind === 'other') return undefined;
  const found = await findAttemptBySerial(parts.db, { bucket: bucketOfSerialNo(serialNo), serialNo });
  if (!found || found.accountId !== account.id) return undefined;
  const key = { bucket: notice.bucket, id: found.orderId };
  if (kind === 'refund') {
    const { refundNo = '' } = reading;
    return { key, kind: 'refund_news', attemptId: found.id, refundNo, notice };
  }
  return { key, kind: 'heard', attemptId: found.id, heard: heardOf(reading, notice.id, notice.receivedAt), notice };
}

function heardOf({ outcome, trust, says }: NoticeReading, noticeId: string, heardAt: Instant): HeardOfAttempt {
  return { by: 'notice', outcome, trust, noticeId, heardAt, ...(says ? { says } : {}) };
}

async function keepUnknown(
  parts: PaymentParts,
  { merchantId, account }: OpenAccount,
  reading: NoticeReading,
  row: NoticeRow,
  code = '',
): Promise<void> {
  const { serialNo = '', says, word } = reading;
  const isMoney = reading.outcome.kind === 'succeeded';
  await parts.db.transaction(async (tx) => {
    await insertNotices(tx, [{ ...row, state: code.startsWith('server.') ? 'stored' : 'unknown' }]);
    if (!isMoney || code.startsWith('server.')) return;
    const amount = says ? `${toDecimal(says)} ${says.currency}` : '';
    const params = { serial_no: serialNo, amount, word };
    await openCases(
      tx,
      [
        {
          ...{ merchantId, kind: 'notice.unknown', subjectKind: 'channel_account', bucket: row.bucket },
          ...{ subject: `${account.id}/${serialNo === '' ? row.id : serialNo}`, params },
        },
      ],
      parts.clock.now(),
    );
  });
}
