import { Type } from 'typebox';

const Optional = Type.Optional;
const Moment = Type.String({ format: 'date-time', description: 'RFC 3339 with offset' });
const Words = Type.Object({ zh: Type.String(), en: Type.String() });

const Exchange = Type.Object({
  id: Type.String(),
  operation: Type.String(),
  try: Type.Integer(),
  ended: Type.String(),
  http_status: Optional(Type.Integer()),
  ms: Optional(Type.Integer()),
});
const Entry = Type.Object({
  at: Moment,
  who: Words,
  what: Words,
  trust: Optional(Type.Object({ kind: Type.String(), words: Words })),
  seen: Optional(Type.Object({ times: Type.Integer(), last_at: Moment })),
  evidence: Type.Object({
    exchange: Optional(Exchange),
    file: Optional(Type.Object({ report: Type.String(), name: Type.String(), line: Type.Integer() })),
    plan: Optional(Type.String()),
    pack: Optional(Type.String()),
    case: Optional(Type.String()),
    audit: Optional(Type.String()),
    notice: Optional(Type.String()),
    entry: Optional(Type.String()),
    event: Optional(Type.String()),
  }),
});
const Amount = Type.Object({ minor: Type.Integer(), currency: Type.String() });
const PartState = Type.Object({ code: Type.String(), words: Words });
const partMembers = { id: Type.String(), state: PartState, created_at: Moment, ended_at: Optional(Moment) };
/** Of an order: what came in, what the order did not need, what went back. */
const orderMembers = {
  subject: Optional(Type.String()),
  due: Optional(Amount),
  received: Optional(Amount),
  refunded: Optional(Amount),
  surplus_held: Optional(Amount),
  surplus_returned: Optional(Amount),
  payments: Optional(Type.Array(Type.Object({ ...partMembers, due: Optional(Amount), expires_at: Optional(Moment) }))),
  attempts: Optional(
    Type.Array(
      Type.Object({
        ...{ ...partMembers, name: Words, serial_no: Type.String(), account_id: Type.String(), channel: Words },
        ...{ product: Words, amount: Amount, received: Amount, fee: Amount, trade_no: Optional(Type.String()) },
        ...{ payer: Optional(Type.String()), paid_at: Optional(Moment) },
      }),
    ),
  ),
  surplus_receipts: Optional(
    Type.Array(Type.Object({ ...partMembers, why: Words, amount: Amount, act_at: Optional(Moment) })),
  ),
  refunds: Optional(
    Type.Array(
      Type.Object({
        ...{ ...partMembers, refund_no: Type.String(), channel_refund_no: Type.String() },
        ...{ amount: Amount, fee_back: Amount },
      }),
    ),
  ),
};
/** An order with its money, a declaration, or with fewer members a plan, report, approval or case. */
const Story = Type.Object({
  kind: Type.String(),
  id: Type.String(),
  merchant_id: Type.String(),
  what: Optional(Words),
  order_no: Optional(Type.String()),
  child_order_no: Optional(Type.String()),
  trade_no: Optional(Type.String()),
  request_no: Optional(Type.String()),
  waybill_no: Optional(Type.String()),
  pushed_payment_nos: Optional(Type.Array(Type.String())),
  account_id: Optional(Type.String()),
  channel: Optional(Type.Object({ id: Type.String(), words: Words })),
  place: Optional(Type.String()),
  amount: Optional(Amount),
  paid_at: Optional(Moment),
  ...orderMembers,
  state: Type.Object({ code: Type.String(), words: Words, since: Optional(Moment) }),
  timeline: Type.Array(Entry),
  next: Type.Array(
    Type.Object({
      at: Optional(Moment),
      what: Words,
      lane: Optional(Type.String()),
      calls_per_second: Optional(Type.Number()),
      case: Optional(Type.String()),
    }),
  ),
  can: Type.Array(Type.Object({ command: Type.String(), what: Words })),
});
export const Stories = Type.Object({
  number: Type.String(),
  kinds: Type.Array(Type.String()),
  stories: Type.Array(Story),
  more: Type.Boolean(),
});
