import { join } from 'node:path';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { days, done, refuse, rfc3339 } from '../kernel/index.ts';
import type { Refusal, Result } from '../kernel/index.ts';
import type { SandboxAbout, SandboxDoors, SimulatedContract } from '../payments/index.ts';
import type { ApiParts } from './parts.ts';
import { badInput } from './problems.ts';
import { reply, route } from './route.ts';
import type { Route } from './route.ts';
import { merchantMeant } from './routes-accounts.ts';
import * as S from './schemas.ts';

const Number64 = Type.Optional(Type.String({ minLength: 1, maxLength: 64 }));
const about = {
  ...{ order_no: Number64, serial_no: Number64 },
  any: Type.Optional(Type.Literal(true, { description: 'Whatever is paid over accounts of the merchant' })),
};
const About = S.object(about);
const Wish = S.object({
  ...about,
  behaviour: Type.String({ maxLength: 64, description: 'A name of GET /v1/sandbox/behaviours' }),
  call: Type.Optional(
    Type.String({ maxLength: 16, description: 'pay, refund, close or query; without it: each of the first three' }),
  ),
  times: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'Once unless told' })),
});
const Advance = S.object({
  advance: Type.String({ pattern: '^([0-9]{1,5}d)?([0-9]{1,5}h)?([0-9]{1,6}m)?([0-9]{1,8}s)?$', maxLength: 30 }),
});

const Known = Type.Object({
  ...{ name: Type.String(), zh: Type.String(), en: Type.String() },
  ...{ calls: Type.Array(Type.String()), channels: Type.Array(Type.String()) },
});
const Behaving = Type.Object({
  ...{ behaviour: Type.String(), channel: Type.String(), account_id: Type.String() },
  serial_nos: Type.Array(Type.String(), { description: 'Empty: whatever is paid over the account' }),
});

const Texts = Type.Record(Type.String(), Type.String());
const SignUp = S.object({
  channel: Type.String({ minLength: 1, maxLength: 64 }),
  merchant_id: Type.Optional(Type.String({ maxLength: 64, description: 'Not needed where the caller has one' })),
});
const SignedUp = Type.Object({
  ...{ channel: Type.String(), merchant_id: Type.String(), number: Type.String(), settings: Texts },
  products: Type.Array(Type.String()),
  folder: Type.String({ description: 'Where the keys lie, one file each' }),
  ...{ secret_files: Texts, paper: Type.String({ description: 'What the contract says' }) },
  next: Type.Union([Type.Object({ method: Type.String(), path: Type.String(), body: Type.Unknown() }), Type.Null()], {
    description: 'The call that adds the account, with its secrets; null when the answer is repeated',
  }),
});

type AboutBody = Static<typeof About>;

/** Exactly one way of saying what is meant. */
function aboutOf({ order_no: orderNo, serial_no: serialNo, any }: AboutBody): Result<SandboxAbout> {
  const numbers = [orderNo, serialNo].filter((one) => one !== undefined);
  const [number] = numbers;
  if (any === true && number === undefined) return done('any');
  if (any === undefined && number !== undefined && numbers.length === 1) return done({ number });
  return { ok: false, refusal: badInput('order_no', '', 'order_no, serial_no or any: one of them') };
}

const nobodys = ({ body }: { readonly body: AboutBody }): Refusal | undefined => {
  const order = body.order_no ?? body.serial_no;
  return order === undefined ? undefined : { code: 'order.not_found', params: { order } };
};

/** `1d2h30m10s`, each part optional; more than nothing and at most a year. */
function readAdvance(text: string): Result<number> {
  const part = (unit: string): number => Number(new RegExp(`(\\d+)${unit}`).exec(text)?.[1] ?? 0);
  const ms = (((part('d') * 24 + part('h')) * 60 + part('m')) * 60 + part('s')) * 1000;
  if (ms > 0 && ms <= days(366)) return done(ms);
  return { ok: false, refusal: badInput('advance', text, '30m, 2h, 1d; 366d at most') };
}

/** Doors of a sandbox: what is asked for here, production refuses, whoever asks. */
export function sandboxRoutes(parts: ApiParts): Route[] {
  const { sandboxDoors } = parts;
  const open = (what: string): Result<SandboxDoors> =>
    sandboxDoors ? done(sandboxDoors) : refuse('sandbox.only', { what });
  return [
    route({
      ...{ method: 'GET', path: '/v1/sandbox/behaviours', tag: 'sandbox', permission: 'sandbox.behave' },
      summary: 'What a simulated channel can be made to do, in both languages, and which channel knows how',
      answers: { 200: Type.Object({ items: Type.Array(Known) }) },
      run() {
        const doors = open('sandbox behaviours');
        return Promise.resolve(doors.ok ? reply({ items: doors.value.behaviours() }) : doors);
      },
    }),
    behaveRoute(open),
    route({
      ...{ method: 'POST', path: '/v1/sandbox/behaviour/lift', tag: 'sandbox', permission: 'sandbox.behave' },
      ...{ body: About, absent: nobodys },
      summary: 'End every behaviour that was asked for about it; the channel behaves as documented again',
      answers: { 200: Type.Object({ lifted: Type.Integer() }) },
      async run({ actor, body }) {
        const doors = open('sandbox behaviour');
        if (!doors.ok) return doors;
        const meant = aboutOf(body);
        if (!meant.ok) return meant;
        const lifted = await doors.value.lift(actor, meant.value);
        return lifted.ok ? reply({ lifted: lifted.value }) : lifted;
      },
    }),
    payRoute(open),
    clockRoute(open),
    signUpRoute(parts, open),
  ];
}

type Open = (what: string) => Result<SandboxDoors>;

function behaveRoute(open: Open): Route {
  return route({
    ...{ method: 'POST', path: '/v1/sandbox/behaviour', tag: 'sandbox', permission: 'sandbox.behave' },
    ...{ body: Wish, absent: nobodys },
    summary: 'Make the channel behave, for the attempts of an order or for whatever is paid. No state of ours is set',
    answers: { 200: Type.Object({ items: Type.Array(Behaving) }) },
    async run({ actor, body }) {
      const doors = open('sandbox behaviour');
      if (!doors.ok) return doors;
      const meant = aboutOf(body);
      if (!meant.ok) return meant;
      const { behaviour, call, times } = body;
      const more = { ...(call === undefined ? {} : { call }), ...(times === undefined ? {} : { times }) };
      const behaving = await doors.value.behave(actor, { about: meant.value, behaviour, ...more });
      return behaving.ok ? reply({ items: behaving.value }) : behaving;
    },
  });
}

function payRoute(open: Open): Route {
  return route({
    ...{ method: 'POST', path: '/v1/sandbox/pay', tag: 'sandbox', permission: 'sandbox.behave' },
    body: S.object({ order_no: Type.String({ minLength: 1, maxLength: 64 }) }),
    absent: ({ body }) => ({ code: 'order.not_found', params: { order: body.order_no } }),
    summary: 'Play the payer: he opens what he was handed and pays. We hear of it as ever, by notice or by asking',
    answers: {
      200: Type.Object({ order_no: Type.String(), serial_no: Type.String(), channel: Type.String() }),
    },
    async run({ actor, body }) {
      const doors = open('sandbox pay');
      if (!doors.ok) return doors;
      const paid = await doors.value.pay(actor, body.order_no);
      return paid.ok ? reply(paid.value) : paid;
    },
  });
}

function clockRoute(open: Open): Route {
  return route({
    ...{ method: 'POST', path: '/v1/sandbox/clock', tag: 'sandbox', permission: 'sandbox.clock' },
    body: Advance,
    summary: 'Move the one clock of channels, statements, customs and us forward; for everybody in this sandbox',
    answers: {
      200: Type.Object({
        ...{ clock: Type.String({ format: 'date-time' }), running: Type.Boolean() },
        unreached: Type.Array(Type.String(), { description: 'Channels whose simulator could not be told yet' }),
      }),
    },
    async run({ actor, body }) {
      const doors = open('sandbox clock');
      if (!doors.ok) return doors;
      const byMs = readAdvance(body.advance);
      if (!byMs.ok) return byMs;
      const moved = await doors.value.advance(actor, byMs.value);
      if (!moved.ok) return moved;
      const { clock, running, unreached } = moved.value;
      return reply({ clock: rfc3339(clock), running, unreached });
    },
  });
}

function signUpRoute(parts: ApiParts, open: Open): Route {
  return route({
    ...{ method: 'POST', path: '/v1/sandbox/sign-ups', tag: 'sandbox', permission: 'accounts.change', body: SignUp },
    summary: 'A simulated channel signs a contract: numbers, test keys, and the call that adds the account',
    answers: { 201: SignedUp },
    shownOnce: ['next'],
    async run({ actor, body }) {
      const doors = open('sandbox sign-up');
      if (!doors.ok) return doors;
      const merchantId = await merchantMeant(parts, actor, body.merchant_id);
      if (!merchantId.ok) return merchantId;
      const signed = await doors.value.signUp(actor, { channel: body.channel, merchantId: merchantId.value });
      return signed.ok ? reply(signedView(signed.value), 201) : signed;
    },
  });
}

function signedView(contract: SimulatedContract) {
  const { secrets, paperFile, ...shown } = contract;
  const { channel, merchantId, number, folder, settings, products } = contract;
  const account = { merchantId, channel, name: `${channel}-${number}`, settings, secrets, products };
  return {
    ...shown,
    secretFiles: Object.fromEntries(Object.keys(secrets).map((name) => [name, join(folder, name)])),
    paper: join(folder, paperFile),
    next: { method: 'POST', path: '/v1/accounts', body: account },
  };
}
