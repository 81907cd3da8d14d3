import { Type } from 'typebox';
import { refuse } from '../kernel/index.ts';
import { allowed } from '../identity/index.ts';
import { attemptVerdicts, findOrderById, proposeAttemptVerdict } from '../payments/index.ts';
import type { ApiParts } from './parts.ts';
import { reply, route } from './route.ts';
import type { Route } from './route.ts';
import * as S from './schemas.ts';

const Word = S.object({
  verdict: Type.Union(
    attemptVerdicts.map((verdict) => Type.Literal(verdict)),
    { description: 'What is true of it: its amount was received, or nobody paid and nobody can any more' },
  ),
  evidence: Type.String({
    ...{ minLength: 1, maxLength: 500 },
    description: 'From where it is known: a line of the statement, the letter of the channel',
  }),
  trade_no: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description: "The channel's trade number, where the evidence names one",
    }),
  ),
});

export function attemptRoutes(parts: ApiParts): Route[] {
  return [
    route({
      ...{ method: 'POST', path: '/v1/attempts/{id}/verdict', tag: 'payments', permission: 'attempts.verdict' },
      ...{ params: S.object({ id: Type.String({ format: 'uuid' }) }), body: Word },
      summary: 'Propose what is true of an attempt that the channel leaves open; a second person decides',
      answers: { 202: Type.Object({ approval_id: Type.String(), digest: Type.String() }) },
      async run({ actor, params, body }) {
        const order = await findOrderById(parts, 'payment_attempts', params.id);
        if (!order || !allowed(actor, 'numbers.read', order.merchantId).ok)
          return refuse('attempt.not_found', { attempt: params.id });
        const { verdict, evidence, trade_no: tradeNo } = body;
        const word = { verdict, evidence, ...(tradeNo === undefined ? {} : { tradeNo }) };
        const asked = await proposeAttemptVerdict(parts.payments, actor, order, params.id, word);
        return asked.ok ? reply(asked.value, 202) : asked;
      },
    }),
  ];
}
