import { Type } from 'typebox';

const Moment = Type.String({ format: 'date-time', description: 'RFC 3339 with offset' });
const Day = Type.String({ format: 'date' });
const Amount = Type.String({
  description: 'A decimal in major units, signed: what it does to the balance at the channel',
});
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(inner: T) => Type.Union([inner, Type.Null()]);
const Optional = Type.Optional;

export const StatementDayView = Type.Object({
  day: Day,
  account_id: Type.String(),
  merchant_id: Type.String(),
  kind: Type.String(),
  state: Type.String({ description: 'due, waiting, received, empty, refused' }),
  late: Type.Boolean(),
  why: Type.String({ description: 'Why there is none yet' }),
  ready_at: Moment,
  late_at: Moment,
  asked_at: nullable(Moment),
  statement_id: nullable(Type.String()),
});

export const ShownStatementView = Type.Object({
  id: Type.String(),
  day: Day,
  kind: Type.String(),
  account_id: Type.String(),
  merchant_id: Type.String(),
  channel: Type.String(),
  version: Type.Integer(),
  versions: Type.Array(Type.String(), { description: 'All of its day, the newest first' }),
  has_file: Type.Boolean({ description: 'False: the channel says that nothing happened' }),
  bytes: Type.Integer(),
  sha256: Type.String(),
  channel_digest: Type.String(),
  asked_exchange: Type.String({ description: 'The answer that named the digest, or said that there is nothing' }),
  file_exchange: nullable(Type.String()),
  trust: Type.String(),
  fetched_at: Moment,
  last_seen_at: Moment,
  seen_count: Type.Integer(),
  lines: Type.Integer(),
  sums: Type.Array(
    Type.Object({
      kind: Type.String(),
      currency: Type.String(),
      lines: Type.Integer(),
      amount: Amount,
      fee: Amount,
    }),
  ),
  totals: Type.Array(Type.Object({ name: Type.String(), value: Type.String() }), {
    description: 'As the file prints them, each equal to the sum of its lines',
  }),
  unread: nullable(Type.Object({ code: Type.String(), zh: Type.String(), en: Type.String() })),
});

export const StatementLineView = Type.Object({
  line_no: Type.Integer(),
  at: Moment,
  kind: Type.String(),
  channel_kind: Type.String(),
  channel_status: Optional(Type.String()),
  serial_no: Optional(Type.String()),
  trade_no: Optional(Type.String()),
  refund_no: Optional(Type.String()),
  channel_refund_no: Optional(Type.String()),
  voucher_no: Optional(Type.String()),
  flow_no: Optional(Type.String()),
  product: Optional(Type.String()),
  currency: Type.String(),
  amount: Amount,
  fee: Optional(Amount),
  rate: Optional(Type.String()),
  gross: Optional(Type.String()),
  balance: Optional(Type.String()),
  about: Optional(Type.String()),
});
