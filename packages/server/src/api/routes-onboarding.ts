import { Readable } from 'node:stream';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { done, parseShanghai, rfc3339 } from '../kernel/index.ts';
import type { Instant, Refusal, Result } from '../kernel/index.ts';
import type { HandOut } from '../channels/contract/index.ts';
import type { Actor } from '../identity/index.ts';
import {
  acceptAccount,
  checkGoLive,
  goLive,
  goLiveAct,
  hearersOf,
  lookAt,
  makeTestPack,
  nextAfter,
  nextFor,
  nextStep,
  noteFacts,
  offeredOf,
  waitWords,
} from '../onboarding/index.ts';
import type { Accepted, Look, Place, Step } from '../onboarding/index.ts';
import { describe } from '../platform/refusals.ts';
import { readSandboxClock } from '../platform/clock.ts';
import type { ApiParts } from './parts.ts';
import { badInput } from './problems.ts';
import { absent, reply, route } from './route.ts';
import type { Reply, Route } from './route.ts';
import { AcceptView, AskedView, GoLive, LiveView, Note, WalkView } from './routes-onboarding-schemas.ts';
import * as S from './schemas.ts';
import { withTwoPeople } from './two-people.ts';

const of = {
  ...{ tag: 'accounts', params: S.object({ id: Type.String({ maxLength: 64 }) }) },
  absent: absent('account.not_found', 'account'),
} as const;

export function onboardingRoutes(parts: ApiParts): Route[] {
  return [...lookRoutes(parts), ...actRoutes(parts)];
}

function lookRoutes({ payments }: ApiParts): Route[] {
  return [
    route({
      ...{ ...of, method: 'GET', path: '/v1/accounts/{id}/walk', permission: 'accounts.read' },
      summary: 'Where the opening of an account stands: sixteen steps, what is missing, and what to call next',
      answers: { 200: WalkView },
      async run({ actor, params }) {
        const look = await lookAt(payments, actor, params.id);
        return look.ok ? reply(walkView(look.value)) : look;
      },
    }),
    route({
      ...{ ...of, method: 'GET', path: '/v1/accounts/{id}/testpack', permission: 'exchanges.read' },
      summary: "The acceptance cases with what our records prove of them, as a table for the channel's form",
      answers: { 200: Type.String({ format: 'binary' }) },
      async run({ actor, params }) {
        const made = await makeTestPack(payments, actor, params.id);
        if (!made.ok) return made;
        const { name, text } = made.value;
        return done({ status: 200, body: null, file: { name, pieces: Readable.from([Buffer.from(text)]) } });
      },
    }),
  ];
}

function actRoutes(parts: ApiParts): Route[] {
  return [
    route({
      ...{ ...of, method: 'POST', path: '/v1/accounts/{id}/note', permission: 'accounts.terms.propose' },
      summary: 'Note facts of a step: what was agreed, applied for or opened',
      body: Note,
      answers: { 200: WalkView },
      run: ({ actor, params, body }) => noteOne(parts, actor, params.id, body),
    }),
    route({
      ...{ ...of, method: 'POST', path: '/v1/accounts/{id}/accept', permission: 'payments.create' },
      summary: 'Go on with the acceptance run as far as it can be gone on with now; 202 while it waits for something',
      answers: { 200: AcceptView, 202: AcceptView },
      async run({ actor, params }) {
        const { payments, orders: door, transport } = parts;
        const accepted = await acceptAccount({ parts: payments, door, transport, actor }, params.id);
        if (!accepted.ok) return accepted;
        const waits = accepted.value.lines.some(({ state }) => state === 'waiting');
        return reply(acceptView(accepted.value, await placeOf(parts)), waits ? 202 : 200);
      },
    }),
    route({
      ...{ ...of, method: 'POST', path: '/v1/accounts/{id}/go-live', permission: 'accounts.change' },
      summary: 'Go live. In production the first call asks for a second person (202); the next one names the approval',
      body: GoLive,
      answers: { 200: LiveView, 202: AskedView },
      run: ({ actor, params, body }) => liveOne(parts, actor, params.id, body.approval_id),
    }),
  ];
}

function stepView(step: Step): Record<string, unknown> {
  const {
    no,
    key,
    zh,
    en,
    owner,
    blocks,
    state,
    lacks,
    lacksWords,
    appliedOn,
    expectedOn,
    contact,
    isLate = false,
    approval,
  } = step;
  const waiting = {
    appliedOn: appliedOn ?? null,
    expectedOn: expectedOn ?? null,
    contact: contact ?? null,
    late: isLate,
    approvalId: approval ?? null,
    remark: said(step.remark),
  };
  return { no, key, zh, en, owner, blocks, state, lacks, lacksWords, ...waiting, next: nextView(step) };
}

type Told = Pick<Step, 'key' | 'next' | 'call' | 'or' | 'fill' | 'doer'>;

function nextView(step: Told | undefined): unknown {
  if (step?.next === undefined) return null;
  const { key, next, call = null, or = null, fill = [], doer } = step;
  const words = fill.map(({ oneOf = null, ...blank }) => ({ ...blank, oneOf }));
  return { step: key, command: next, call, or, fill: words, permission: doer?.permission ?? '' };
}

function walkView({ account, steps, opened, isBornLive }: Look): Record<string, unknown> {
  const { id, merchantId, channel, liveAt, products = [] } = account;
  const skipped = isBornLive ? steps.filter(({ lacks }) => lacks.length > 0).map(({ key }) => key) : [];
  const offered = liveAt === undefined ? [] : offeredOf({ connector: opened.connector, account });
  return {
    ...{ accountId: id, merchantId, channel, live: liveAt !== undefined, liveAt: liveAt ?? null, products },
    ...{ offered, skipped, steps: steps.map(stepView), next: nextView(nextStep(steps)) },
  };
}

async function noteOne(
  { payments }: ApiParts,
  actor: Actor,
  accountId: string,
  { step, facts, until }: Static<typeof Note>,
): Promise<Result<Reply>> {
  const validTo = until === undefined ? undefined : parseShanghai(`${until} 23:59:59`);
  if (until !== undefined && validTo === undefined)
    return { ok: false, refusal: badInput('until', until, '2026-04-01') };
  const noted = await noteFacts(payments, actor, { accountId, step, words: facts, validTo });
  return noted.ok ? reply(walkView(noted.value)) : noted;
}

/** In a sandbox one plays payer and time oneself. */
async function placeOf({ installation, db, clock }: ApiParts): Promise<Place> {
  const sandbox = installation.bornAs === 'sandbox';
  const row = sandbox ? await readSandboxClock(db) : undefined;
  return { sandbox, clockRuns: row?.running ?? true, at: clock.now() };
}

function acceptView(accepted: Accepted, place: Place): Record<string, unknown> {
  const { look, lines, waits, toPay } = accepted;
  const waitView = (wait: ReturnType<typeof waits.get>): unknown =>
    wait
      ? {
          who: wait.for,
          until: 'until' in wait && wait.until !== undefined ? rfc3339(wait.until) : null,
          ...waitWords(wait),
        }
      : null;
  return {
    accountId: look.account.id,
    lines: lines.map(({ key, state, proof, refusal }) => ({
      ...{ key, state, proof: proof ?? null },
      ...{ refusal: said(refusal), waitsFor: waitView(waits.get(key)) },
    })),
    toPay: toPay ? payText(toPay) : null,
    next: nextView(nextAfter(accepted, place)),
  };
}

function said(refusal: Refusal | undefined): unknown {
  if (!refusal) return null;
  return { code: refusal.code, zh: describe(refusal, 'zh'), en: describe(refusal, 'en') };
}

function payText(handOut: HandOut): string {
  if (handOut.kind === 'url') return handOut.url;
  return handOut.kind === 'trade' ? handOut.tradeNo : handOut.text;
}

async function liveOne(
  parts: ApiParts,
  actor: Actor,
  accountId: string,
  approvalId: string | undefined,
): Promise<Result<Reply>> {
  const checked = await checkGoLive(parts.payments, actor, accountId);
  if (!checked.ok) return checked;
  const look = checked.value;
  const act = goLiveAct(look);
  const open = look.pending.find((one) => one.for === 'go_live');
  const going = {
    ...{ parts, actor, act, approvalId },
    open: open && { id: open.approval, digest: open.digest },
    nextOf({ id: approval, digest }: { readonly id: string; readonly digest: string }) {
      if (open) return nextView(look.steps.find(({ key }) => key === 'go_live'));
      const asked = { approval, digest, of: act.command, maker: actor.userId };
      return nextView({ key: 'go_live', ...nextFor(accountId, { does: 'approve', ...asked }) });
    },
  };
  return withTwoPeople(going, async (tx) => {
    const gone = await goLive(tx, parts.payments, actor, look);
    if (!gone.ok) return gone;
    const hearers = await hearersOf(parts.payments, look.account.merchantId);
    return reply({ ...liveView(look, gone.value), hearers });
  });
}

const liveView = ({ account, opened: { connector } }: Look, liveAt: Instant) => ({
  ...{ accountId: account.id, live: true, liveAt, offered: offeredOf({ connector, account }) },
});
