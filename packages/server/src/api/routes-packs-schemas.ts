import { Type } from 'typebox';

const Moment = Type.String({ format: 'date-time', description: 'RFC 3339 with offset' });
const Words = Type.Object({ zh: Type.String(), en: Type.String() });
const Counts = Type.Record(Type.String(), Type.Integer());
const Receiver = Type.Object({ kind: Type.Union([Type.Literal('channel'), Type.Literal('port')]), id: Type.String() });

const packMembers = {
  id: Type.String(),
  merchant_id: Type.String(),
  source: Type.String(),
  receiver: Receiver,
  sha256: Type.String({ description: 'of its manifest, which holds the digest of every file' }),
  members: Type.Integer(),
  money: Type.Object({ minor: Type.Integer(), currency: Type.String() }),
  complete: Type.Boolean(),
  raw: Type.Boolean(),
  masked: Type.Boolean(),
  facts_until: Moment,
  made_by: Type.String(),
  made_at: Moment,
  deadline_at: Moment,
  sent_at: Type.Optional(Moment),
  sent_by: Type.Optional(Type.String()),
  sent_note: Type.String(),
};
export const PackView = Type.Object(packMembers);

export const MadePacks = Type.Object({
  source: Type.String(),
  packs: Type.Array(
    Type.Object({
      ...packMembers,
      again: Type.Boolean({ description: 'nothing has changed since it was made' }),
      missing: Type.Array(Type.String(), { description: 'order numbers of members with gaps, a thousand at most' }),
    }),
  ),
  ours: Type.Object({
    members: Type.Integer(),
    rows: Counts,
    csv: Type.String({ description: 'what is ours to do, handed to nobody' }),
  }),
  settled: Type.Integer(),
});

export const ShownPack = Type.Object({
  pack: PackView,
  files: Type.Array(Type.Object({ name: Type.String(), bytes: Type.Integer(), sha256: Type.String() })),
  replies: Type.Array(Type.Object({ result: Type.String(), orders: Type.Integer(), words: Words })),
});

export const TakenReplies = Type.Object({
  pack_id: Type.String(),
  rows: Type.Integer(),
  empty: Type.Integer(),
  told: Type.Integer(),
  again: Type.Boolean(),
  results: Counts,
  unknown_words: Type.Array(Type.String()),
  problems: Type.Array(
    Type.Object({
      line: Type.Integer(),
      field: Type.String(),
      code: Type.String(),
      found: Type.String(),
      rule_zh: Type.String(),
      rule_en: Type.String(),
      way_out_zh: Type.String(),
      way_out_en: Type.String(),
    }),
  ),
});
