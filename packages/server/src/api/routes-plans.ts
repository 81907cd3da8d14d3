import { Type } from 'typebox';
import type { Static } from 'typebox';
import { done, rfc3339 } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { openAccount } from '../accounts/index.ts';
import type { Approval } from '../approvals/index.ts';
import {
  decideNumberRule,
  decidePlan,
  listNumberRules,
  proposeDeclareAnew,
  proposeNumberRule,
  proposeRepush,
  runPlan,
  showPlan,
} from '../customs/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { ApiParts } from './parts.ts';
import { badInput } from './problems.ts';
import { merchantOf, reachOf, reply, route } from './route.ts';
import type { Reply, Route } from './route.ts';
import { decideOnEndpoint } from './routes-webhooks.ts';
import * as S from './schemas.ts';

const id = S.object({ id: Type.String({ maxLength: 64 }) });
const text = (maxLength: number) => Type.Optional(Type.String({ maxLength }));

type Verdict = 'approve' | 'refuse';
type Word = { readonly reason?: string; readonly digest?: string };

export function planRoutes(parts: ApiParts): Route[] {
  const decide = (verdict: Verdict): Route =>
    route({
      ...{ method: 'POST', path: `/v1/customs/plans/{id}/${verdict}`, tag: 'customs', params: id },
      permission: ['customs.repush.approve', 'customs.declare_anew.approve'],
      body: S.object({ reason: text(1000), digest: text(64) }),
      summary: `A second person: ${verdict}. Give the digest of what you saw`,
      answers: { 200: S.Plan },
      run: ({ actor, params, body }) => decideOnPlan(parts, actor, params.id, verdict, body),
    });
  return [
    route({
      ...{ method: 'POST', path: '/v1/customs/plans', tag: 'customs', body: NewPlan },
      permission: ['customs.repush.propose', 'customs.declare_anew.propose'],
      summary: 'Propose to push again, or to declare anew under a new number. Nothing is sent; a second person decides',
      answers: { 201: S.ProposedPlan },
      run: ({ actor, body }) => propose(parts, actor, body),
    }),
    route({
      ...{ method: 'GET', path: '/v1/customs/plans/{id}', tag: 'customs', permission: 'numbers.read', params: id },
      summary: 'How far a plan is and what its pushes are known to have done',
      answers: { 200: S.ShownPlan },
      run: ({ actor, params }) => planView(parts, actor, params.id),
    }),
    decide('approve'),
    decide('refuse'),
    route({
      ...{ method: 'POST', path: '/v1/customs/plans/{id}/run', tag: 'customs', params: id },
      permission: ['customs.repush.run', 'customs.declare_anew.run'],
      summary: 'Start an approved plan, or go on with one that was interrupted. Nothing is sent twice',
      answers: { 200: S.ShownPlan, 202: S.ShownPlan },
      async run({ actor, params }) {
        const run = await runPlan(parts.customs, actor, params.id);
        if (!run.ok) return run;
        parts.worker.nudge();
        const view = await planView(parts, actor, params.id);
        return view.ok ? done({ ...view.value, status: run.value.state === 'running' ? 202 : 200 }) : view;
      },
    }),
    ...numberRuleRoutes(parts),
  ];
}

const NewPlan = S.object({
  kind: Type.Optional(Type.Union([Type.Literal('repush'), Type.Literal('declare_anew')])),
  report_id: text(64),
  numbers: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
      ...{ minItems: 1, maxItems: 1000 },
      description: 'declare_anew, instead of a report: order, child order, trade or waybill numbers',
    }),
  ),
  merchant_id: text(64),
  reason: text(1000),
});

async function propose({ customs }: ApiParts, actor: Actor, body: Static<typeof NewPlan>): Promise<Result<Reply>> {
  const { kind = 'repush', report_id: reportId, numbers, merchant_id, reason = '' } = body;
  const permitted = reachOf(actor, `customs.${kind}.propose`);
  if (!permitted.ok) return permitted;
  if (reportId !== undefined && numbers === undefined) {
    const propose = kind === 'repush' ? proposeRepush(customs, actor, { reportId }, { reason }) : undefined;
    const proposed = await (propose ?? proposeDeclareAnew(customs, actor, { reportId }, reason));
    return proposed.ok ? reply(proposed.value, 201) : proposed;
  }
  if (kind === 'repush' || numbers === undefined || reportId !== undefined) {
    const rule = kind === 'repush' ? 'a re-push takes a report' : 'either report_id or numbers';
    return { ok: false, refusal: badInput('report_id', reportId ?? '', rule) };
  }
  const merchantId = merchantOf(actor, merchant_id);
  if (!merchantId.ok) return merchantId;
  const proposed = await proposeDeclareAnew(customs, actor, { merchantId: merchantId.value, numbers }, reason);
  return proposed.ok ? reply(proposed.value, 201) : proposed;
}

async function decideOnPlan(
  { customs }: ApiParts,
  actor: Actor,
  planId: string,
  verdict: Verdict,
  { reason, digest }: Word,
): Promise<Result<Reply>> {
  const decided = await decidePlan(customs, actor, planId, verdict, reason ?? '', digest);
  return decided.ok ? reply(decided.value) : decided;
}

const planCommands: readonly string[] = ['customs.repush', 'customs.declare_anew'];

/** A plan and a number rule are decided together with their approval, whichever of the two was named. Undefined: it is about neither. */
export async function decideWithRecord(
  parts: ApiParts,
  actor: Actor,
  { id: approvalId, command, subject }: Approval,
  verdict: Verdict,
  word: Word,
): Promise<Result<unknown> | undefined> {
  if (planCommands.includes(command)) return decideOnPlan(parts, actor, subject, verdict, word);
  if (command === 'webhooks.change') return decideOnEndpoint(parts, actor, approvalId, verdict, word);
  if (command !== 'customs.number_rule') return undefined;
  return decideNumberRule(parts.customs, actor, approvalId, verdict, word.reason ?? '', word.digest);
}

async function planView({ db }: ApiParts, actor: Actor, planId: string): Promise<Result<Reply>> {
  const shown = await showPlan(db, planId);
  if (!shown.ok) return shown;
  const { plan, counts, effective, ineffective, open } = shown.value;
  const permitted = allowed(actor, 'numbers.read', plan.merchantId);
  if (!permitted.ok) return permitted;
  const { byState, byEvidence, bySkip, pushes } = counts;
  return reply({ plan, items: byState, evidence: byEvidence, skipped: bySkip, pushes, effective, ineffective, open });
}

function numberRuleRoutes({ customs }: ApiParts): Route[] {
  const account = { account_id: Type.String({ maxLength: 64 }) };
  const rule = Type.Union([Type.Literal('serial'), Type.Literal('child')]);
  return [
    route({
      ...{ method: 'GET', path: '/v1/customs/number-rules', tag: 'customs', permission: 'accounts.read' },
      summary:
        'Which number customs gets to know, by place of an account. Nothing can be declared to a place without a rule',
      query: S.object(account),
      answers: { 200: S.object({ items: Type.Array(S.NumberRule) }) },
      async run({ actor, query }) {
        const opened = await openAccount(customs, query.account_id);
        if (!opened.ok) return opened;
        const permitted = allowed(actor, 'accounts.read', opened.value.merchantId);
        if (!permitted.ok) return permitted;
        const rules = await listNumberRules(customs, query.account_id);
        return reply({ items: rules.map(({ validFrom, ...one }) => ({ ...one, validFrom: rfc3339(validFrom) })) });
      },
    }),
    route({
      ...{ method: 'POST', path: '/v1/customs/number-rules', tag: 'customs' },
      permission: 'customs.number_rule.propose',
      summary: 'Propose a rule. Nothing changes before a second person approves it: /v1/approvals/{id}/approve',
      body: S.object({ ...account, place: Type.String({ maxLength: 20 }), rule, reason: text(1000) }),
      answers: { 201: S.ProposedNumberRule },
      async run({ actor, body: { account_id: accountId, place, rule: chosen, reason } }) {
        const proposed = await proposeNumberRule(customs, actor, { accountId, place, rule: chosen }, reason ?? '');
        if (!proposed.ok) return proposed;
        const { approvalId, digest, lapsesAt, now } = proposed.value;
        const choice = { accountId, place: proposed.value.place, rule: chosen, now };
        return reply({ approvalId, digest, lapsesAt, ...choice }, 201);
      },
    }),
  ];
}
