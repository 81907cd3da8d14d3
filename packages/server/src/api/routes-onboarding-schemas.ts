import { Type } from 'typebox';
import * as S from './schemas.ts';

const Moment = Type.String({ format: 'date-time', description: 'RFC 3339 with offset' });
const day = Type.String({ format: 'date' });

const Words = { zh: Type.String(), en: Type.String() };

const Fill = Type.Object({
  word: Type.String({ description: 'As it stands in command and call' }),
  ...Words,
  example: Type.Union([Type.String(), Type.Integer()]),
  one_of: Type.Union([Type.Array(Type.Object({ word: Type.String(), ...Words })), Type.Null()], {
    description: 'One of these is written. Null: your own words',
  }),
});

const Call = Type.Object({
  method: Type.String(),
  path: Type.String(),
  body: Type.Record(Type.String(), Type.Unknown()),
});

const Next = Type.Union([
  Type.Object({
    step: Type.String(),
    command: Type.String({ description: 'As typed. Words in capitals are yours to fill in, see fill' }),
    call: Type.Union([Call, Type.Null()], { description: 'Null: it is done on the command line only' }),
    or: Type.Union([Type.Object({ command: Type.String(), call: Call }), Type.Null()], {
      description: 'Instead of it, where the contract has no such clause',
    }),
    fill: Type.Array(Fill, { description: 'What each word in capitals stands for' }),
    permission: Type.String({ description: 'Whoever calls it needs this' }),
  }),
  Type.Null(),
]);

const Said = Type.Object({ code: Type.String(), ...Words });

const StepView = Type.Object({
  no: Type.Integer(),
  key: Type.String(),
  zh: Type.String(),
  en: Type.String(),
  owner: Type.String({ description: 'business, product, finance, operations, development' }),
  blocks: Type.Boolean({ description: 'Nobody goes live while it is open' }),
  state: Type.String({ description: 'open, waiting, done, not_needed' }),
  lacks: Type.Array(Type.String()),
  lacks_words: Type.Object(Words, { description: 'The same for people' }),
  applied_on: Type.Union([day, Type.Null()]),
  expected_on: Type.Union([day, Type.Null()]),
  late: Type.Boolean({ description: 'The channel let its own date pass' }),
  contact: Type.Union([Type.String(), Type.Null()]),
  approval_id: Type.Union([Type.String({ description: 'A second person is asked' }), Type.Null()]),
  remark: Type.Union([Said, Type.Null()], { description: 'What stands in the way, or what is to be known of it' }),
  next: Next,
});

export const WalkView = Type.Object({
  account_id: Type.String(),
  merchant_id: Type.String(),
  channel: Type.String(),
  live: Type.Boolean(),
  live_at: Type.Union([Moment, Type.Null()]),
  products: Type.Array(Type.String(), { description: 'Those that the channel opened' }),
  offered: Type.Array(Type.String(), { description: 'Products that buyers are offered of it; none before it is live' }),
  skipped: Type.Array(Type.String(), {
    description: 'Steps that an account skipped which was live from its first moment, as a sandbox furnishes it',
  }),
  steps: Type.Array(StepView),
  next: Next,
});

export const Note = S.object({
  step: Type.String({ minLength: 1, maxLength: 40 }),
  facts: Type.Record(Type.String({ maxLength: 40 }), Type.String({ maxLength: 200 }), {
    ...{ minProperties: 1, maxProperties: 40 },
    description: 'By key, such as applied_on: 2026-04-01, or of products native: opened',
  }),
  until: Type.Optional(Type.String({ format: 'date', description: 'The last day in Beijing on which it holds' })),
});

export const AcceptView = Type.Object({
  account_id: Type.String(),
  lines: Type.Array(
    Type.Object({
      key: Type.String(),
      state: Type.String({ description: 'green, waiting, not_needed, next_day' }),
      proof: Type.Union([Type.String(), Type.Null()]),
      refusal: Type.Union([Said, Type.Null()]),
      waits_for: Type.Union(
        [
          Type.Object({
            who: Type.String({ description: 'again, earlier, channel, payer, closing, clock, statement, site, bank' }),
            until: Type.Union([Moment, Type.Null()]),
            ...Words,
          }),
          Type.Null(),
        ],
        { description: 'Whose turn it is; again: the next call goes on with it' },
      ),
    }),
  ),
  to_pay: Type.Union([Type.String({ description: 'What a person pays two fen with' }), Type.Null()]),
  next: Next,
});

export const GoLive = S.object({ approval_id: Type.Optional(Type.String({ maxLength: 64 })) });

export const LiveView = Type.Object({
  ...{ account_id: Type.String(), live: Type.Boolean(), live_at: Moment },
  offered: Type.Array(Type.String(), { description: 'Products that buyers are offered of it from now on' }),
  hearers: Type.Array(Type.String(), { description: "The shop's endpoints that hear account.live" }),
});

/** A second person is asked, now or before; `next` is his call, or ours once he agreed. */
export const AskedView = Type.Object({ approval_id: Type.String(), digest: Type.String(), next: Next });
