import { Type } from 'typebox';
import { refuse } from '../kernel/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import {
  findSharedBy,
  proposeReturnVerdict,
  proposeShareVerdict,
  returnVerdicts,
  shareVerdicts,
} from '../sharing/index.ts';
import type { SharedOrder } from '../sharing/index.ts';
import type { ApiParts } from './parts.ts';
import { reply, route } from './route.ts';
import type { Route } from './route.ts';
import * as S from './schemas.ts';

const id = S.object({ id: Type.String({ format: 'uuid' }) });
const evidence = Type.String({
  ...{ minLength: 1, maxLength: 500 },
  description: 'From where it is known: a line of the statement, the letter of the channel',
});
const answers = { 202: Type.Object({ approval_id: Type.String(), digest: Type.String() }) };

const ShareWord = S.object({
  verdict: Type.Union(
    shareVerdicts.map((verdict) => Type.Literal(verdict)),
    { description: 'What is true of its open parts: they were given, or nothing was and nothing will be' },
  ),
  evidence,
});

const ReturnWord = S.object({
  verdict: Type.Union(
    returnVerdicts.map((verdict) => Type.Literal(verdict)),
    { description: 'What is true of it: the part came back, or it did not and never will' },
  ),
  evidence,
});

export function shareVerdictRoutes(parts: ApiParts): Route[] {
  return [
    route({
      ...{ method: 'POST', path: '/v1/shares/{id}/verdict', tag: 'sharing', permission: 'sharing.verdict' },
      ...{ params: id, body: ShareWord, answers },
      summary: 'Propose what is true of a share that the channel leaves open; a second person decides',
      async run({ actor, params, body }) {
        const shared = await seenBy(parts, actor, 'shares', params.id);
        if (!shared) return refuse('share.not_found', { share: params.id });
        const { verdict, evidence: known } = body;
        const asked = await proposeShareVerdict(parts.payments, actor, shared, params.id, verdict, known);
        return asked.ok ? reply(asked.value, 202) : asked;
      },
    }),
    route({
      ...{ method: 'POST', path: '/v1/share-returns/{id}/verdict', tag: 'sharing', permission: 'sharing.verdict' },
      ...{ params: id, body: ReturnWord, answers },
      summary: 'Propose what is true of a return that the channel leaves open; a second person decides',
      async run({ actor, params, body }) {
        const shared = await seenBy(parts, actor, 'share_returns', params.id);
        if (!shared) return refuse('share.not_found', { share: params.id });
        const { verdict, evidence: known } = body;
        const asked = await proposeReturnVerdict(parts.payments, actor, shared, params.id, verdict, known);
        return asked.ok ? reply(asked.value, 202) : asked;
      },
    }),
  ];
}

async function seenBy(
  { db }: ApiParts,
  actor: Actor,
  table: 'shares' | 'share_returns',
  named: string,
): Promise<SharedOrder | undefined> {
  const shared = await findSharedBy(db, table, named);
  return shared && allowed(actor, 'numbers.read', shared.order.merchantId).ok ? shared : undefined;
}
