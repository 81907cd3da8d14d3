import { finishJobs } from '../platform/jobs.ts';
import type { Job } from '../platform/jobs.ts';
import { drawSerials } from '../platform/serials.ts';
import type { LaneWork } from '../platform/worker.ts';
import { tellOrders } from './calls.ts';
import type { OrderInput } from './inputs.ts';
import { loadOrders } from './order-store.ts';
import type { Order } from './order.ts';
import type { PaymentParts } from './parts.ts';
import type { RefundWish } from './refund-decide.ts';
import { refundReasons, surplusReason } from './refund-reasons.texts.ts';
import type { ChoreKind } from './wishes.ts';

/** What our own clock asks for: it decides nothing that a channel has not proved. */
export function paymentChores(parts: PaymentParts): LaneWork[] {
  const kinds: readonly ChoreKind[] = ['payments.expire', 'payments.surplus_due', 'payments.paid_after_cancel'];
  return kinds.map((operation) => ({
    operation,
    async prepare(lease) {
      await runChores(
        parts,
        operation,
        lease.calls.flatMap((call) => call.jobs),
      );
      return [];
    },
    hear: () => Promise.resolve(),
  }));
}

async function runChores(parts: PaymentParts, kind: ChoreKind, jobs: readonly Job[]): Promise<void> {
  if (jobs.length === 0) return;
  const keys = jobs.map((job) => ({ bucket: job.bucket, id: textOf(job, 'order') }));
  const orders = new Map((await loadOrders(parts.db, keys)).map((order) => [order.id, order]));
  const refundNos =
    kind === 'payments.expire'
      ? []
      : await drawSerials(
          parts.db,
          parts.clock.now(),
          jobs.map(({ bucket }) => bucket),
        );
  const made = jobs.map((job, index) => {
    const order = orders.get(textOf(job, 'order'));
    return { job, input: order && inputOf(parts, kind, order, textOf(job, 'part'), refundNos[index] ?? '') };
  });
  const idle = made.filter(({ input }) => input === undefined).map(({ job }) => ({ job }));
  await finishJobs(parts.db, parts.owner, idle);
  await tellOrders(
    parts,
    made.flatMap(({ job, input }) => (input ? [{ job, input }] : [])),
  );
}

const textOf = (job: Job, name: string): string => {
  const value = job.payload[name];
  return typeof value === 'string' ? value : '';
};

function inputOf(
  parts: PaymentParts,
  kind: ChoreKind,
  order: Order,
  part: string,
  refundNo: string,
): OrderInput | undefined {
  const key = { bucket: order.bucket, id: order.id };
  if (kind === 'payments.expire') return { key, kind: 'expire', paymentId: part };
  if (kind === 'payments.surplus_due') {
    const surplus = order.surplus.find(({ id }) => id === part);
    if (!surplus) return undefined;
    const reason = surplusReason(surplus.why).zh;
    const wish = wishOf(parts, refundNo, surplus.attemptId, surplus.amount, 'surplus', reason);
    return { key, kind: 'surplus_due', surplusId: part, wish };
  }
  const payment = order.payments.find(({ id }) => id === part);
  const attempt = order.attempts.find(({ id }) => id === payment?.settledBy);
  if (!attempt) return undefined;
  const amount = { minor: attempt.receivedMinor - attempt.refundingMinor, currency: attempt.amount.currency };
  if (amount.minor <= 0n) return undefined;
  const wish = wishOf(parts, refundNo, attempt.id, amount, 'shop', refundReasons.cancelled.zh);
  return { key, kind: 'paid_after_cancel', paymentId: part, wish };
}

function wishOf(
  { ids }: PaymentParts,
  refundNo: string,
  attemptId: string,
  amount: RefundWish['amount'],
  origin: RefundWish['origin'],
  reason: string,
): RefundWish {
  return { id: ids.next(), attemptId, shopRefundNo: refundNo, refundNo, amount, origin, reason };
}
