import { Type } from 'typebox';

const Moment = Type.String({ format: 'date-time', description: 'RFC 3339 with offset' });
const Share = Type.Object({ hits: Type.Integer(), of: Type.Integer() });

const Signal = Type.Object({
  rule: Type.String({ description: 'D1 overdue share, D2 reports, D3 refusals, D4 silence, D5 calls, D6 own backlog' }),
  figure: Type.Integer(),
  of: Type.Integer(),
  word: Type.String(),
  first_at: Moment,
  last_at: Moment,
});

const Cell = Type.Object({
  channel: Type.String(),
  place: Type.String(),
  hits: Type.Integer(),
  of: Type.Integer(),
  red: Type.Boolean(),
});

export const Incident = Type.Object({
  id: Type.String(),
  merchant_id: Type.String(),
  account_id: Type.String(),
  channel: Type.String(),
  place: Type.String({ description: 'Empty: the whole account' }),
  state: Type.String(),
  signals: Type.Array(Signal),
  onset_at: Moment,
  onset_within_minutes: Type.Integer(),
  seen_at: Moment,
  last_affected_at: Moment,
  usual: Type.Number({ description: 'Share without a receipt at this time of the day in the fortnight before' }),
  seen: Share,
  now: Share,
  members: Type.Integer(),
  minor: Type.Integer(),
  currency: Type.String(),
  affected: Type.Integer(),
  at_customs: Type.Integer(),
  blame: Type.String({ description: 'channel, port, cell, us; alone: nothing to compare with' }),
  cells: Type.Array(Cell),
  owner: Type.Optional(Type.String()),
  closed_at: Type.Optional(Moment),
  closed_by: Type.Optional(Type.String()),
  close_reason: Type.Optional(Type.String()),
});

const Range = Type.Object({ from: Type.String(), to: Type.String() });

export const ShownIncident = Type.Object({
  incident: Incident,
  separates: Type.Array(
    Type.Object({
      dimension: Type.String(),
      lift: Type.Number(),
      stuck: Type.Array(Range),
      telling: Type.Boolean({ description: 'Separates well enough to be believed' }),
    }),
  ),
  quiet: Type.Array(Cell),
  past: Type.Array(Type.Object({ id: Type.String(), onset_at: Moment, members: Type.Integer() })),
  rest: Type.Array(
    Type.Object({
      order_no: Type.String(),
      request_no: Type.Union([Type.String(), Type.Null()]),
      state: Type.String(),
    }),
  ),
  chart: Type.Array(Type.Object({ at: Moment, accepted: Type.Integer(), missing: Type.Integer() })),
});

export const Member = Type.Object({
  order_no: Type.String(),
  child_order_no: Type.String(),
  request_no: Type.Union([Type.String(), Type.Null()]),
  trade_no: Type.String(),
  waybill_no: Type.Union([Type.String(), Type.Null()]),
  place: Type.String(),
  minor: Type.Integer(),
  currency: Type.String(),
  accepted_at: Moment,
  state: Type.String(),
  last_asked_at: Type.Union([Moment, Type.Null()]),
});

export const ClosedOrAsked = Type.Object({
  incident: Incident,
  open: Type.Integer({ description: 'Not at customs' }),
  approval_id: Type.Optional(Type.String()),
  digest: Type.Optional(Type.String()),
  lapses_at: Type.Optional(Moment),
});
