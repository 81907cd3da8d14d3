import { Type } from 'typebox';
import type { Static } from 'typebox';
import { done, rfc3339 } from '../kernel/index.ts';
import type { Instant, Refusal, Result } from '../kernel/index.ts';
import { openAccount } from '../accounts/index.ts';
import type { Approval } from '../approvals/index.ts';
import { decideTerm } from '../contracts/index.ts';
import {
  decideNumberRule,
  decidePlan,
  listNumberRules,
  pausePlan,
  proposeDeclareAnew,
  proposeNumberRule,
  proposeRepush,
  resumePlan,
  runPlan,
  showPlan,
  stopPlan,
} from '../customs/index.ts';
import type { Groups, PlanDimension, ShownCell } from '../customs/index.ts';
import { allowed } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { decideClose } from '../incidents/index.ts';
import { decideAttemptVerdict, decideRefund, decideRefundVerdict, decideSurplus } from '../payments/index.ts';
import { decideReceiver, decideShareVerdict } from '../sharing/index.ts';
import type { ApiParts } from './parts.ts';
import { badInput } from './problems.ts';
import { absent, merchantOf, noAccount, reachOf, reply, route } from './route.ts';
import type { Reply, Route } from './route.ts';
import { decideOnEndpoint } from './routes-webhooks.ts';
import * as S from './schemas.ts';

const id = S.object({ id: Type.String({ maxLength: 64 }) });
const noPlan = { absent: absent('customs.plan_not_found', 'plan') };
const text = (maxLength: number) => Type.Optional(Type.String({ maxLength }));

type Verdict = 'approve' | 'refuse';
type Word = { readonly reason?: string; readonly digest?: string };

export function planRoutes(parts: ApiParts): Route[] {
  const decide = (verdict: Verdict): Route =>
    route({
      ...{ method: 'POST', path: `/v1/customs/plans/{id}/${verdict}`, tag: 'customs', params: id },
      ...{ permission: ['customs.repush.approve', 'customs.declare_anew.approve'], ...noPlan },
      body: S.object({ reason: text(1000), digest: text(64) }),
      summary: `A second person: ${verdict}. Give the digest of what you saw`,
      answers: { 200: S.Plan },
      run: ({ actor, params, body }) => decideOnPlan(parts, actor, params.id, verdict, body),
    });
  return [
    route({
      ...{ method: 'POST', path: '/v1/customs/plans', tag: 'customs', body: NewPlan },
      permission: ['customs.repush.propose', 'customs.declare_anew.propose'],
      absent: ({ body }) => absentIn(body),
      summary: 'Propose to push again, or to declare anew under a new number. Nothing is sent; a second person decides',
      answers: { 201: S.ProposedPlan },
      run: ({ actor, body }) => propose(parts, actor, body),
    }),
    route({
      ...{ method: 'GET', path: '/v1/customs/plans/{id}', tag: 'customs', permission: 'numbers.read', params: id },
      ...noPlan,
      summary: 'How far a plan is and what its pushes are known to have done',
      answers: { 200: S.ShownPlan },
      run: ({ actor, params }) => planView(parts, actor, params.id),
    }),
    decide('approve'),
    decide('refuse'),
    route({
      ...{ method: 'POST', path: '/v1/customs/plans/{id}/run', tag: 'customs', params: id },
      ...{ permission: ['customs.repush.run', 'customs.declare_anew.run'], ...noPlan },
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
    ...Object.entries(controls).map(([act, control]) => controlRoute(parts, act, control)),
    ...numberRuleRoutes(parts),
  ];
}

const controls = { pause: pausePlan, resume: resumePlan, stop: stopPlan } as const;
const controlWords: Readonly<Record<string, string>> = {
  pause: 'Hold a running plan back: nothing more is sent, what was sent is looked at',
  resume: 'Let a paused plan go on',
  stop: 'End a plan for good: what was not sent never is',
};

function controlRoute(parts: ApiParts, act: string, control: typeof pausePlan): Route {
  return route({
    ...{ method: 'POST', path: `/v1/customs/plans/{id}/${act}`, tag: 'customs', params: id },
    ...{ permission: ['customs.repush.run', 'customs.declare_anew.run'], ...noPlan },
    body: S.object({ reason: text(1000) }),
    summary: controlWords[act] ?? act,
    answers: { 200: S.ShownPlan },
    async run({ actor, params, body }) {
      const acted = await control(parts.customs, actor, params.id, body.reason ?? '');
      if (!acted.ok) return acted;
      parts.worker.nudge();
      return planView(parts, actor, params.id);
    },
  });
}

const NewPlan = S.object({
  filter: Type.Optional(
    Type.Object({
      account_id: Type.String({ maxLength: 64 }),
      place: Type.String({ maxLength: 20 }),
      from: Type.String({ format: 'date-time', description: 'Accepted from' }),
      to: Type.String({ format: 'date-time', description: 'Accepted before' }),
    }),
  ),
  canary: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000, description: 'Pushed first in each cell' })),
  control: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000, description: 'Held back in each cell' })),
  cells: Type.Optional(
    Type.String({ maxLength: 20, description: 'hour, date, account, place, split, carrier; else what separates' }),
  ),
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

function absentIn({ report_id: report, filter }: Static<typeof NewPlan>): Refusal | undefined {
  if (report !== undefined) return { code: 'customs.report_not_found', params: { report } };
  return filter && noAccount(filter.account_id);
}

async function propose({ customs }: ApiParts, actor: Actor, body: Static<typeof NewPlan>): Promise<Result<Reply>> {
  const { kind = 'repush', report_id: reportId, numbers, merchant_id, reason = '' } = body;
  const permitted = reachOf(actor, `customs.${kind}.propose`);
  if (!permitted.ok) return permitted;
  if (kind === 'repush') return proposePush(customs, actor, body);
  if (reportId !== undefined && numbers === undefined) {
    const proposed = await proposeDeclareAnew(customs, actor, { reportId }, reason);
    return proposed.ok ? reply(proposed.value, 201) : proposed;
  }
  if (numbers === undefined || reportId !== undefined)
    return { ok: false, refusal: badInput('report_id', reportId ?? '', 'either report_id or numbers') };
  const merchantId = merchantOf(actor, merchant_id);
  if (!merchantId.ok) return merchantId;
  const proposed = await proposeDeclareAnew(customs, actor, { merchantId: merchantId.value, numbers }, reason);
  return proposed.ok ? reply(proposed.value, 201) : proposed;
}

async function proposePush(
  customs: ApiParts['customs'],
  actor: Actor,
  body: Static<typeof NewPlan>,
): Promise<Result<Reply>> {
  const { report_id: reportId, filter, numbers, canary, control, cells, reason = '' } = body;
  if ((reportId === undefined) === (filter === undefined) || numbers !== undefined)
    return { ok: false, refusal: badInput('report_id', reportId ?? '', 'a re-push takes a report or a filter') };
  const groups = canary === undefined && control === undefined ? {} : { groups: sizes(canary, control) };
  const dimension = cells === undefined ? {} : { dimension: cells as PlanDimension };
  const options = { reason, ...groups, ...dimension };
  if (reportId !== undefined) {
    const proposed = await proposeRepush(customs, actor, { reportId }, options);
    return proposed.ok ? reply(proposed.value, 201) : proposed;
  }
  const merchantId = merchantOf(actor, body.merchant_id);
  if (!merchantId.ok) return merchantId;
  const { account_id: accountId = '', place = '', from = '', to = '' } = filter ?? {};
  const window = { from: Date.parse(from) as Instant, to: Date.parse(to) as Instant };
  const choice = { merchantId: merchantId.value, filter: { accountId, place: place.toUpperCase(), ...window } };
  const proposed = await proposeRepush(customs, actor, choice, options);
  return proposed.ok ? reply(proposed.value, 201) : proposed;
}

/** What is not said is as large as the other. */
function sizes(canary: number | undefined, control: number | undefined): Groups {
  return { canary: canary ?? control ?? 0, control: control ?? canary ?? 0 };
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
  if (command === 'incidents.close')
    return decideClose(parts.customs, actor, approvalId, verdict, word.reason ?? '', word.digest);
  const given = [approvalId, verdict, word.reason ?? '', word.digest] as const;
  if (command === 'refunds') return decideRefund(parts.payments, parts.orders, actor, ...given);
  if (command === 'attempts.verdict') return decideAttemptVerdict(parts.payments, parts.orders, actor, ...given);
  if (command === 'refunds.verdict') return decideRefundVerdict(parts.payments, parts.orders, actor, ...given);
  if (command === 'sharing.receivers') return decideReceiver(parts.payments, actor, ...given);
  if (command === 'sharing.verdict') return decideShareVerdict(parts.payments, actor, ...given);
  if (command === 'surplus.resolve') return decideSurplus(parts.payments, parts.orders, actor, ...given);
  if (command === 'accounts.terms')
    return decideTerm(parts.customs, actor, approvalId, verdict, word.reason ?? '', word.digest);
  if (command !== 'customs.number_rule') return undefined;
  return decideNumberRule(parts.customs, actor, approvalId, verdict, word.reason ?? '', word.digest);
}

async function planView({ db }: ApiParts, actor: Actor, planId: string): Promise<Result<Reply>> {
  const shown = await showPlan(db, planId);
  if (!shown.ok) return shown;
  const { plan, counts, effective, ineffective, open, cells } = shown.value;
  const permitted = allowed(actor, 'numbers.read', plan.merchantId);
  if (!permitted.ok) return permitted;
  const { byState, byEvidence, bySkip, pushes } = counts;
  return reply({
    plan,
    items: byState,
    evidence: byEvidence,
    skipped: bySkip,
    pushes,
    effective,
    ineffective,
    open,
    cells: cells.map(cellView),
  });
}

function cellView({ byState: _states, beganAt, judgedAt, ...cell }: ShownCell): Record<string, unknown> {
  return {
    ...cell,
    ...(beganAt === undefined ? {} : { beganAt: rfc3339(beganAt) }),
    ...(judgedAt === undefined ? {} : { judgedAt: rfc3339(judgedAt) }),
  };
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
      absent: ({ query }) => noAccount(query.account_id),
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
      absent: ({ body }) => noAccount(body.account_id),
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
