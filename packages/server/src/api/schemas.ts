import { Type } from 'typebox';
import type { TProperties, TSchema } from 'typebox';

const Moment = Type.String({ format: 'date-time', description: 'RFC 3339 with offset' });
const Words = Type.Object({ zh: Type.String(), en: Type.String() });
const Optional = Type.Optional;
const Counts = Type.Record(Type.String(), Type.Integer());
const Texts = Type.Record(Type.String(), Type.String());

/** RFC 9457 with our members. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String(),
    pointer: Optional(Type.String()),
    detail: Type.String(),
    detail_zh: Type.String(),
    params: Type.Record(Type.String(), Type.Unknown()),
    money: Type.Union([Type.Literal('not_moved'), Type.Literal('moved'), Type.Literal('unknown')]),
    retry: Type.Union([
      Type.Literal('never'),
      Type.Literal('same_key'),
      Type.Literal('after'),
      Type.Literal('change_input'),
    ]),
    way_out: Words,
    request_id: Type.String(),
  },
  { $id: 'Problem' },
);

export const object = <P extends TProperties>(members: P) => Type.Object(members, { additionalProperties: false });

export function pageOf(item: TSchema) {
  return Type.Object({ items: Type.Array(item), next_cursor: Type.Union([Type.String(), Type.Null()]) });
}

export const paging = {
  limit: Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 50 })),
  cursor: Optional(Type.String({ maxLength: 500 })),
};

const RowProblem = Type.Object({
  line: Type.Integer(),
  field: Type.String(),
  code: Type.String(),
  found: Type.String(),
  rule_zh: Type.String(),
  rule_en: Type.String(),
  way_out_zh: Type.String(),
  way_out_en: Type.String(),
});

export const ImportedPayments = Type.Object({
  format: Type.String(),
  charset: Type.String(),
  columns: Texts,
  rows_found: Type.Integer(),
  adopted: Type.Integer(),
  known: Type.Integer(),
  completed: Type.Integer(),
  cannot_be_asked: Type.Integer(),
  tied: Type.Integer(),
  template: Optional(Type.Object({ text: Type.String(), asked: Type.Integer(), completed: Type.Integer() })),
  problems: Type.Array(RowProblem),
  refusals: Type.Array(Type.Object({ line: Type.Integer(), problem: Problem })),
});

const separation = Type.Object({
  stuck: Type.Integer(),
  released: Type.Integer(),
  best: Optional(Type.Record(Type.String(), Type.Unknown())),
  dimensions: Type.Array(Type.Record(Type.String(), Type.Unknown())),
});

const reportMembers = {
  id: Type.String(),
  merchant_id: Type.String(),
  file_name: Type.String(),
  meaning: Type.String(),
  imported_at: Moment,
  imported_by: Type.String(),
  rows_found: Type.Integer(),
  rows_kept: Type.Integer(),
  rows_doubled: Type.Integer(),
};
export const ReportLine = Type.Object(reportMembers);
export const Report = Type.Object({
  ...reportMembers,
  file_sha256: Type.String(),
  columns: Texts,
  problems: Type.Array(RowProblem),
  separation,
});

export const ImportedList = Type.Object({
  report: Report,
  format: Type.String(),
  charset: Type.String(),
  released: Type.Integer(),
  stuck: Type.Integer(),
  unknown: Type.Integer(),
  again: Type.Boolean(),
});

export const Triage = Type.Object({
  report: Type.String(),
  since: Moment,
  asked: Type.Integer(),
  waiting: Type.Integer({ description: '0: everybody has answered, and the verdicts are written' }),
  causes: Counts,
  rows: Counts,
});

export const Verdict = Type.Object({
  line: Type.Integer(),
  order_no: Type.String(),
  declaration_id: Type.String(),
  place: Type.String(),
  row: Type.Union([Type.String(), Type.Null()]),
  cause: Optional(Type.Object({ code: Type.String(), zh: Type.String(), en: Type.String() })),
  do: Optional(Type.Object({ code: Type.String(), who: Type.String(), zh: Type.String(), en: Type.String() })),
  because: Type.Array(
    Type.Object({
      fact: Type.String(),
      holds: Type.Boolean(),
      said: Type.String(),
      value: Optional(Type.String()),
      at: Optional(Moment),
    }),
  ),
  caveats: Type.Array(Type.String()),
  judged_at: Optional(Moment),
});

export const Plan = Type.Object({
  id: Type.String(),
  merchant_id: Type.String(),
  kind: Type.String(),
  report_id: Optional(Type.String()),
  state: Type.String(),
  digest: Type.String(),
  approval_id: Type.String(),
  size: Type.Integer(),
  made_by: Type.String(),
  made_at: Moment,
  dimension: Type.String({ description: 'What its cells are cut by; empty when all go at once' }),
  groups: Type.Object({ canary: Type.Integer(), control: Type.Integer() }),
  paused_why: Type.String(),
  stopped_by: Type.String({ description: 'The rule that ended it, or person; empty while none did' }),
});
export const ProposedPlan = Type.Object({
  plan: Plan,
  cells: Optional(Type.Array(Type.Object({ cell: Type.String(), size: Type.Integer() }))),
  left_out: Counts,
  warning: Optional(
    Type.Literal('possible_duplicate', {
      description: 'declare_anew: the old declaration may exist; customs may then hold two payment records',
    }),
  ),
});
export const NumberRule = Type.Object({
  account_id: Type.String(),
  place: Type.String(),
  rule: Type.String(),
  valid_from: Moment,
});
export const ProposedNumberRule = Type.Object({
  approval_id: Type.String(),
  digest: Type.String(),
  lapses_at: Moment,
  account_id: Type.String(),
  place: Type.String(),
  rule: Type.String(),
  now: Optional(Type.String()),
});
const PlanCell = Type.Object({
  cell: Type.String(),
  size: Type.Integer(),
  state: Type.String(),
  stopped_by: Type.String(),
  began_at: Optional(Moment),
  judged_at: Optional(Moment),
  pushed: Type.Integer({ description: 'Of its canary' }),
  pushed_with: Type.Integer({ description: 'Of these, with an answer of port or customs from after the push' }),
  held: Type.Integer({ description: 'Held back to compare with' }),
  held_with: Type.Integer(),
  difference: Type.Number({ description: 'Of the two shares, -1 to 1' }),
  low: Type.Number({ description: '95% range of the difference (Newcombe)' }),
  high: Type.Number(),
  sent: Type.Integer({ description: 'All pushes of the cell, the ramp included' }),
  effective: Type.Integer(),
  open: Type.Integer(),
});
export const ShownPlan = Type.Object({
  plan: Plan,
  items: Counts,
  evidence: Counts,
  skipped: Counts,
  pushes: Type.Integer(),
  effective: Type.Integer(),
  ineffective: Type.Integer(),
  open: Type.Integer({ description: 'Items whose end is not known yet' }),
  cells: Type.Array(PlanCell),
});

export const ImportedReceipts = Type.Object({
  type: Type.String(),
  found: Type.Integer(),
  tied: Type.Integer(),
  unknown: Type.Array(Type.String()),
  problems: Type.Array(Type.Record(Type.String(), Type.Unknown())),
});

const Bytes = Type.Object({
  kind: Type.String({ description: 'kept, erased or broken' }),
  bytes: Optional(Type.String({ contentEncoding: 'base64' })),
  why: Optional(Type.String()),
});
export const OpenedExchange = Type.Object({
  id: Type.String(),
  merchant_id: Type.String(),
  account_id: Type.String(),
  operation: Type.String(),
  worker: Type.String(),
  created_at: Moment,
  send_before: Moment,
  method: Type.String(),
  url: Type.String(),
  request: Bytes,
  ended: Optional(Type.String()),
  why: Type.String(),
  http_status: Optional(Type.Integer()),
  answer: Optional(Bytes),
  heard_at: Optional(Moment),
  ms: Optional(Type.Number()),
  reading: Type.Record(Type.String(), Type.Unknown()),
  revealed: Type.Boolean(),
});

export const Account = Type.Object({
  id: Type.String(),
  merchant_id: Type.String(),
  channel: Type.String(),
  name: Type.String(),
  settings: Texts,
});
export const AccountTest = Type.Object({
  ms: Type.Number(),
  trust: Type.String(),
  signing_rule: Optional(Type.String()),
});

export const Approval = Type.Object({
  id: Type.String(),
  merchant_id: Type.String(),
  command: Type.String(),
  subject: Type.String(),
  input: Type.Unknown(),
  digest: Type.String(),
  state: Type.String(),
  maker: Type.String(),
  asked_at: Moment,
  lapses_at: Moment,
  checker: Optional(Type.String()),
  decided_at: Optional(Moment),
  reason: Type.String(),
});

export const Case = Type.Object({
  id: Type.String(),
  merchant_id: Type.String(),
  kind: Type.String(),
  words: Words,
  subject_kind: Type.String(),
  subject: Type.String(),
  params: Type.Record(Type.String(), Type.Unknown()),
  state: Type.String(),
  owner: Optional(Type.String()),
  opened_at: Moment,
  due_at: Moment,
  closed_at: Optional(Moment),
});

export const Lane = Type.Object({
  lane: Type.String(),
  merchant_id: Type.String(),
  operation: Type.String(),
  calls_per_second: Type.Number(),
  due: Type.Integer(),
  waiting: Type.Integer(),
  oldest_due_at: Optional(Moment),
  next_due_at: Optional(Moment),
  paused_at: Optional(Moment),
  paused_why: Type.String(),
  closed_until: Optional(Moment),
});

export const User = Type.Object({
  id: Type.String(),
  name: Type.String(),
  roles: Type.Array(Type.String()),
  merchants: Type.Array(Type.String()),
  created_at: Moment,
  disabled_at: Optional(Moment),
});
export const IssuedToken = Type.Object({
  token: Type.Union([Type.String(), Type.Null()], { description: 'Shown once; null when the answer is repeated' }),
  token_id: Type.String(),
});

export const Audit = Type.Object({
  id: Type.String(),
  at: Moment,
  actor: Type.String(),
  door: Type.String(),
  act: Type.String(),
  subject: Type.String(),
  reason: Type.String(),
  detail: Type.Record(Type.String(), Type.Unknown()),
});
