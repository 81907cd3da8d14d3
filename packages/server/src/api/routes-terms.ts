import { Type } from 'typebox';
import type { Static } from 'typebox';
import { rfc3339 } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { labelOf, proposeTerm, showTerms } from '../contracts/index.ts';
import type { ShownTerm } from '../contracts/index.ts';
import type { Actor } from '../identity/index.ts';
import { refuseUnneeded } from '../onboarding/index.ts';
import type { ApiParts } from './parts.ts';
import { absent, reply, route } from './route.ts';
import type { Reply, Route } from './route.ts';
import * as S from './schemas.ts';

const id = S.object({ id: Type.String({ maxLength: 64 }) });
const noAccount = { absent: absent('account.not_found', 'account') };
const moment = Type.String({ format: 'date-time', description: 'RFC 3339 with offset' });
/** Unknown members, as a union would be coerced: "0" of a rate must not become a number. */
const Value = Type.Record(Type.String({ maxLength: 40 }), Type.Unknown(), {
  description: 'As the kind wants it: shares as decimal text, amounts as integers of minor units',
});
const Scene = Type.Union([Type.Literal('*'), Type.Literal('online'), Type.Literal('counter')]);

const TermView = Type.Object({
  product: Type.String(),
  scene: Type.String(),
  kind: Type.String(),
  kind_zh: Type.String(),
  kind_en: Type.String(),
  value: Value,
  state: Type.Union([Type.Literal('in_force'), Type.Literal('ended'), Type.Literal('to_come')]),
  valid_from: moment,
  valid_to: Type.Optional(moment),
  source: Type.String(),
  made_by: Type.String(),
  approved_by: Type.Optional(Type.String({ description: 'Absent: a sandbox let one person do both' })),
  approval_id: Type.String(),
  made_at: moment,
});
const DefaultView = Type.Object({
  product: Type.String(),
  scene: Type.String(),
  kind: Type.String(),
  value: Value,
  source: Type.String(),
  from: Type.String({ description: 'Which text says so' }),
  from_zh: Type.Optional(Type.String()),
  alternative: Type.Boolean({
    description: 'True: another text of the channel; it does not hold before two people agreed',
  }),
});

const NewTerm = S.object({
  kind: Type.String({ maxLength: 40 }),
  product: Type.Optional(Type.String({ maxLength: 40, description: '*: every product' })),
  scene: Type.Optional(Scene),
  value: Value,
  valid_from: Type.Optional(Type.String({ format: 'date-time', description: 'Now, where it is not said' })),
  valid_to: Type.Optional(Type.String({ format: 'date-time' })),
  source: Type.String({ maxLength: 200, description: 'The contract and its clause' }),
  reason: Type.Optional(Type.String({ maxLength: 1000 })),
});

export function termRoutes(parts: ApiParts): Route[] {
  return [
    route({
      ...{ method: 'GET', path: '/v1/accounts/{id}/terms', tag: 'accounts', permission: 'accounts.read', params: id },
      ...noAccount,
      summary: "What an account's contract says, and what its channel supposes where nobody read it",
      answers: { 200: Type.Object({ items: Type.Array(TermView), defaults: Type.Array(DefaultView) }) },
      async run({ actor, params }) {
        const shown = await showTerms(parts.customs, actor, params.id);
        if (!shown.ok) return shown;
        const { terms, defaults } = shown.value;
        return reply({
          items: terms.map(viewOf),
          defaults: defaults.map((one) => ({ ...one, alternative: one.alternative === true })),
        });
      },
    }),
    route({
      ...{ method: 'POST', path: '/v1/accounts/{id}/terms', tag: 'accounts', params: id, body: NewTerm },
      ...{ permission: 'accounts.terms.propose', ...noAccount },
      summary: 'Propose a term. Nothing changes before a second person approves it: /v1/approvals/{id}/approve',
      answers: {
        201: Type.Object({ approval_id: Type.String(), digest: Type.String(), lapses_at: moment, kind: Type.String() }),
      },
      run: ({ actor, params, body }) => propose(parts, actor, params.id, body),
    }),
  ];
}

function viewOf({ validFrom, validTo, ...term }: ShownTerm): Record<string, unknown> {
  const { zh, en } = labelOf(term.kind);
  const ends = validTo === undefined ? {} : { validTo: rfc3339(validTo) };
  return { ...term, kindZh: zh, kindEn: en, validFrom: rfc3339(validFrom), ...ends };
}

async function propose(
  { customs }: ApiParts,
  actor: Actor,
  accountId: string,
  { valid_from: from, valid_to: to, reason = '', product = '*', scene = '*', ...given }: Static<typeof NewTerm>,
): Promise<Result<Reply>> {
  const unneeded = refuseUnneeded(accountId, given.kind, given.value);
  if (unneeded) return { ok: false, refusal: unneeded };
  const validFrom = from === undefined ? customs.clock.now() : (Date.parse(from) as Instant);
  const validTo = to === undefined ? undefined : (Date.parse(to) as Instant);
  const term = { accountId, product, scene, ...given, validFrom, validTo };
  const proposed = await proposeTerm(customs, actor, term, { reason });
  return proposed.ok ? reply({ ...proposed.value, kind: given.kind }, 201) : proposed;
}
