import { bucketOfSerialNo, isSerialNo, minutes, plus, toDecimal } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import type { Acknowledgement, NoticeReading } from '../channels/contract/index.ts';
import type { OpenAccount } from '../accounts/index.ts';
import { openCases } from '../cases/index.ts';
import type { CaseToOpen } from '../cases/index.ts';
import { shared } from '../platform/commands.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { tellHeard } from './hearing.ts';
import { readNotice, rowOf } from './inbound.ts';
import type { Inbound } from './inbound.ts';
import type { OrderAnswer, OrderInput } from './inputs.ts';
import { messageOfBytes } from './notice-message.ts';
import { findWaiting, keepNotices, markNotices, noticePlace } from './notice-store.ts';
import type { WaitingNotice } from './notice-store.ts';
import type { HeardOfAttempt } from './observe-attempt.ts';
import { findAttemptsBySerial } from './order-store.ts';
import type { OrderDoor } from './order-door.ts';
import type { PaymentParts } from './parts.ts';
import { quietLists } from './quiet-lists.ts';
import type { NoticeRef } from './work.ts';

/** Where messages come in that channels send by themselves. */
export type NoticeDesk = {
  /**
   * Keeps a message as it came, verifies it, and acknowledges it in the channel's words. Its order hears of it right after: what is kept is
   * not lost, and a channel whose message waits for an answer sends it again. What is forged is kept and refused.
   */
  readonly take: (inbound: Inbound) => Promise<Result<Acknowledgement>>;
  /** Tells what was kept and not told: whoever kept it ended before, or the database was away. Returns how many. */
  readonly sweep: () => Promise<number>;
  /** Resolves when all that was taken here is told. */
  readonly idle: () => Promise<void>;
};

/** Acknowledging goes before booking while messages pour in, for a quarter of a second at most. */
const pace = { quietMs: 4, patienceMs: 250, itemsMax: 500 } as const;
/** A list under way in another process is not told twice. */
const graceMs = 10_000;
/** So far back whoever starts looks once. After a longer absence every open record is asked at its channel anyway. */
const sweptFromMs = minutes(24 * 60);

type Kept = {
  readonly notice: NoticeRef;
  readonly receivedAt: Instant;
  readonly opened: OpenAccount;
  readonly reading: NoticeReading;
};

const keep = shared(keepNotices);

export type DeskHooks = {
  /** A list could not be told: it stays where it waits. */
  readonly onError: (error: unknown) => void;
  /** What was told made work for others. */
  readonly onTold: () => void;
};

export function openNoticeDesk(parts: PaymentParts, door: OrderDoor, { onError, onTold }: DeskHooks): NoticeDesk {
  const lists = quietLists<Kept>((list) => tellList(parts, door, list).then(onTold, onError), pace);
  let sweptTo: Instant | undefined;
  return {
    async take(inbound) {
      const read = await readNotice(parts, inbound, parts.clock.now());
      if (!read.ok) return read;
      const { opened, reading, ack } = read.value;
      const row = rowOf(parts, inbound, reading);
      const { bucket, id, state } = await keep(parts.db, row);
      crashPoint('notice.kept');
      if (row.state === 'refused') count(parts, opened.channel, 'refused');
      else if (state !== 'told') lists.add({ notice: { bucket, id }, receivedAt: row.receivedAt, opened, reading });
      return { ok: true, value: ack };
    },
    async sweep() {
      const before = plus(parts.clock.now(), -graceMs);
      const from = sweptTo ?? plus(before, -sweptFromMs);
      const waiting = await findWaiting(parts.db, from, before, pace.itemsMax);
      for (const one of waiting) {
        const again = await readAgain(parts, one);
        if (again) lists.add(again);
      }
      await lists.idle();
      // What cannot be told now is looked at again: those behind it as well.
      sweptTo = waiting[0]?.receivedAt ?? before;
      return waiting.length;
    },
    idle: () => lists.idle(),
  };
}

/** As it was read when it came: a signature is judged at that moment. What nobody can read any more is for people. */
async function readAgain(parts: PaymentParts, waiting: WaitingNotice): Promise<Kept | undefined> {
  const { bucket, id, accountId, receivedAt } = waiting;
  const sealed = parts.keyring.openBytes(waiting.message, noticePlace(id));
  const message = sealed.kind === 'opened' ? messageOfBytes(sealed.value) : undefined;
  const read = message && (await readNotice(parts, { accountId, message }, receivedAt));
  if (read?.ok) return { notice: { bucket, id }, receivedAt, opened: read.value.opened, reading: read.value.reading };
  await parts.db.transaction(async (tx) => {
    await markNotices(tx, [waiting], 'unknown');
    const params = { serial_no: '', amount: '', word: sealed.kind };
    const about = { merchantId: waiting.merchantId, kind: 'notice.unknown', subjectKind: 'channel_account' } as const;
    await openCases(tx, [{ ...about, bucket, subject: `${accountId}/${id}`, params }], parts.clock.now());
  });
  return undefined;
}

async function tellList(parts: PaymentParts, door: OrderDoor, list: readonly Kept[]): Promise<void> {
  const inputs = await inputsOf(parts, list);
  const told = list.flatMap((kept, index) => {
    const input = inputs[index];
    return input ? [{ kept, input }] : [];
  });
  const answers = await door.tellAll(told.map(({ input }) => input));
  tellHeard(
    parts.db,
    told.map(({ input }) => input.key.id),
  );
  const failed = new Map(told.map(({ kept }, index) => [kept, answers[index]] as const));
  await settle(
    parts,
    list.map((kept) => ({ kept, answer: failed.get(kept) })),
  );
}

type Told = { readonly kept: Kept; readonly answer: Result<OrderAnswer> | undefined };

/** Nobody's, or refused by its order: kept, and a case where it speaks of money. A fault of ours leaves it where it waits. */
async function settle(parts: PaymentParts, all: readonly Told[]): Promise<void> {
  const isOurFault = ({ answer }: Told): boolean =>
    answer !== undefined && !answer.ok && answer.refusal.code.startsWith('server.');
  const unknown = all.filter((one) => one.answer?.ok !== true && !isOurFault(one)).map(({ kept }) => kept);
  for (const one of all) count(parts, one.kept.opened.channel, one.answer?.ok === true ? 'told' : 'unknown');
  if (unknown.length === 0) return;
  await parts.db.transaction(async (tx) => {
    await markNotices(
      tx,
      unknown.map(({ notice }) => notice),
      'unknown',
    );
    const money = unknown.filter(({ reading }) => reading.outcome.kind === 'succeeded');
    await openCases(tx, money.map(caseOf), parts.clock.now());
  });
}

function caseOf({ opened: { merchantId, account }, reading: { serialNo = '', says, word }, notice }: Kept): CaseToOpen {
  const amount = says ? `${toDecimal(says)} ${says.currency}` : '';
  return {
    ...{ merchantId, kind: 'notice.unknown', subjectKind: 'channel_account', bucket: notice.bucket },
    subject: `${account.id}/${serialNo === '' ? notice.id : serialNo}`,
    params: { serial_no: serialNo, amount, word },
  };
}

/** What each message tells which order; undefined where it is nobody's. */
async function inputsOf(parts: PaymentParts, list: readonly Kept[]): Promise<(OrderInput | undefined)[]> {
  const named = list.flatMap((kept) => {
    const { isOurs, kind, serialNo = '' } = kept.reading;
    return isOurs && kind !== 'other' && isSerialNo(serialNo) ? [{ kept, serialNo }] : [];
  });
  const keys = named.map(({ serialNo }) => ({ bucket: bucketOfSerialNo(serialNo), serialNo }));
  const found = keys.length === 0 ? [] : await findAttemptsBySerial(parts.db, keys);
  const attempts = new Map(named.map(({ kept }, index) => [kept, found[index]] as const));
  return list.map((kept) => {
    const attempt = attempts.get(kept);
    if (!attempt || attempt.accountId !== kept.opened.account.id) return undefined;
    const { reading, notice } = kept;
    const about = { key: { bucket: notice.bucket, id: attempt.orderId }, attemptId: attempt.id, notice };
    if (reading.kind === 'refund') return { ...about, kind: 'refund_news', refundNo: reading.refundNo ?? '' };
    return { ...about, kind: 'heard', heard: heardOf(kept) };
  });
}

function heardOf({ reading: { outcome, trust, says }, notice, receivedAt }: Kept): HeardOfAttempt {
  return { by: 'notice', outcome, trust, noticeId: notice.id, heardAt: receivedAt, ...(says ? { says } : {}) };
}

const count = ({ metrics }: PaymentParts, channel: string, ended: 'told' | 'unknown' | 'refused'): void =>
  metrics.count('liushui_notices_total', { channel, ended }, 1);
