import { Type } from 'typebox';
import type { Static } from 'typebox';
import { rfc3339 } from '../kernel/index.ts';
import type { Currency, Instant, Result } from '../kernel/index.ts';
import { everyMerchant } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { explain } from '../platform/refusals.ts';
import {
  askOffers,
  listNotices,
  listRules,
  payerSideOf,
  setRule,
  tellNotice,
  withdrawNotice,
} from '../routing/index.ts';
import type { NotOffered, Notice, Offer, OfferWish, Rule } from '../routing/index.ts';
import type { ApiParts } from './parts.ts';
import { absent, merchantOf, noAccount, reply, route } from './route.ts';
import type { Reply, Route } from './route.ts';
import * as S from './schemas.ts';

const text = (maxLength: number) => Type.Optional(Type.String({ minLength: 1, maxLength }));
const moment = Type.String({ format: 'date-time', description: 'RFC 3339 with offset' });
const yes = (description: string) => Type.Optional(Type.Boolean({ description }));
const NewOffers = S.object({
  merchant_id: text(64),
  order_no: Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_.:/#-]+$' }),
  amount: Type.Integer({ minimum: 1, maximum: 1_000_000_000_000, description: 'Minor units' }),
  currency: Type.String({ pattern: '^[A-Z]{3}$' }),
  scene: Type.Optional(Type.Union([Type.Literal('online'), Type.Literal('counter')])),
  user_agent: Type.Optional(
    Type.String({ maxLength: 2000, description: "Of the payer's browser; it tells device and wallet" }),
  ),
  terminal: Type.Optional(
    Type.Union([Type.Literal('pc'), Type.Literal('phone'), Type.Literal('app'), Type.Literal('counter')]),
  ),
  wallet: Type.Optional(
    Type.String({ maxLength: 40, description: 'The channel whose wallet it is, where no User-Agent is at hand' }),
  ),
  mini_program: yes('It is a mini program of that wallet'),
  payer_has: Type.Optional(
    Type.Array(Type.Union([Type.Literal('payer_id'), Type.Literal('payer_code'), Type.Literal('payer_address')]), {
      maxItems: 3,
      description: 'What the payment would bring of its payer',
    }),
  ),
  code_start: Type.Optional(
    Type.String({ pattern: '^\\d{2,4}$', description: "First digits of the payer's code: they name its wallet" }),
  ),
  return_until: Type.Optional(moment),
  needs: Type.Optional(
    S.object({
      customs: yes('It is declared to customs'),
      identity_check: yes('Buyer and payer are compared'),
      instalments: Type.Optional(Type.Integer({ minimum: 2, maximum: 99 })),
      no_credit_card: yes('Credit cards are excluded'),
      split: yes('It is shared among receivers'),
    }),
  ),
});

const Way = { account_id: Type.String(), channel: Type.String(), product: Type.String() };
const OfferView = Type.Object({
  ...Way,
  name_zh: Type.String(),
  name_en: Type.String(),
  product_zh: Type.String(),
  product_en: Type.String(),
  hands_out: Type.Union([
    Type.Literal('page'),
    Type.Literal('code'),
    Type.Literal('wallet_script'),
    Type.Literal('app'),
    Type.Literal('nothing'),
  ]),
  needs: Type.Array(Type.String()),
  because: Type.Object({
    priority: Type.Integer({ description: 'The lowest goes first' }),
    weight: Type.Optional(Type.Integer({ description: 'Its share among those of this priority; absent: by cost' })),
    fee: Type.Optional(Type.Integer({ description: 'Expected; absent: nobody wrote one down' })),
    currency: Type.String(),
    is_fee_confirmed: Type.Boolean({ description: "False: only the channel's default says so" }),
    warnings: Type.Array(Type.String()),
  }),
});
const NotOfferedView = Type.Object({
  ...Way,
  code: Type.String(),
  zh: Type.String(),
  en: Type.String(),
  way_out: Type.Object({ zh: Type.String(), en: Type.String() }),
});
const Side = Type.Object({
  terminal: Type.String(),
  wallet: Type.Optional(Type.String()),
  is_mini_program: Type.Optional(Type.Boolean()),
});

const RuleView = Type.Object({
  ...{ id: Type.String(), account_id: Type.String(), product: Type.String(), priority: Type.Integer() },
  ...{ weight: Type.Optional(Type.Integer()), valid_from: moment, valid_to: Type.Optional(moment) },
  ...{ reason: Type.String(), made_by: Type.String(), made_at: moment },
});
const NoticeView = Type.Object({
  ...{ id: Type.String(), merchant_id: Type.Optional(Type.String()), channel: Type.String() },
  ...{ account_id: Type.Optional(Type.String()), product: Type.String(), effect: Type.String(), text: Type.String() },
  ...{ valid_from: moment, valid_to: Type.Optional(moment), made_by: Type.String(), made_at: moment },
  ...{ withdrawn_by: Type.Optional(Type.String()), withdrawn_at: Type.Optional(moment) },
});

const product = Type.Optional(Type.String({ minLength: 1, maxLength: 40, description: '*: every product' }));
const span = {
  valid_from: Type.Optional(Type.String({ format: 'date-time', description: 'Now, where it is not said' })),
  valid_to: Type.Optional(moment),
};
const NewRule = S.object({
  account_id: Type.String({ minLength: 1, maxLength: 64 }),
  product,
  priority: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 999, description: 'The lowest goes first; 100 unless said' }),
  ),
  weight: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1000,
      description: 'Its share within the priority; 0: not offered; absent: by cost',
    }),
  ),
  ...span,
  reason: text(1000),
});
const NewNotice = S.object({
  merchant_id: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 64,
      description: 'Absent, from somebody bound to no merchant: all of them',
    }),
  ),
  channel: Type.String({ minLength: 1, maxLength: 40 }),
  account_id: text(64),
  product,
  effect: Type.Union([Type.Literal('closed'), Type.Literal('warning')]),
  text: Type.String({ minLength: 1, maxLength: 300, pattern: '^[^\\u0000-\\u001f]*\\S[^\\u0000-\\u001f]*$' }),
  ...span,
});
const notice = S.object({ id: Type.String({ maxLength: 64 }) });

export function routingRoutes(parts: ApiParts): Route[] {
  return [
    route({
      ...{ method: 'POST', path: '/v1/offers', tag: 'routing', body: NewOffers },
      permission: ['payments.create', 'numbers.read'],
      summary:
        'Which ways to pay an order would be offered here and now, the best first, and why each other one is not',
      answers: {
        200: Type.Object({ side: Side, offered: Type.Array(OfferView), not_offered: Type.Array(NotOfferedView) }),
      },
      run: ({ actor, body }) => offer(parts, actor, body),
    }),
    ...ruleRoutes(parts),
    ...noticeRoutes(parts),
  ];
}

const instantOf = (rfc: string): Instant => Date.parse(rfc) as Instant;

function wishOf({ customs }: ApiParts, merchantId: string, body: Static<typeof NewOffers>): OfferWish {
  const { terminal, wallet, mini_program: isMiniProgram, user_agent: userAgent = '', scene = 'online', needs } = body;
  const hint = {
    ...(terminal === undefined ? {} : { terminal }),
    ...(wallet === undefined ? {} : { wallet }),
    ...(isMiniProgram === undefined ? {} : { isMiniProgram }),
  };
  const has = new Set(body.payer_has);
  return {
    ...{ merchantId, orderNo: body.order_no, scene, at: customs.clock.now() },
    amount: { minor: BigInt(body.amount), currency: body.currency as Currency },
    side: payerSideOf(customs.channels, userAgent, hint),
    payerKnows: {
      payerId: has.has('payer_id'),
      payerCode: has.has('payer_code') || body.code_start !== undefined,
      payerAddress: has.has('payer_address'),
      ...(body.code_start === undefined ? {} : { codeStart: body.code_start }),
    },
    ...(body.return_until === undefined ? {} : { returnUntil: instantOf(body.return_until) }),
    ...(needs === undefined ? {} : { needs: needsOf(needs) }),
  };
}

function needsOf(given: NonNullable<Static<typeof NewOffers>['needs']>): NonNullable<OfferWish['needs']> {
  const { customs, identity_check: identityCheck, instalments, no_credit_card: noCreditCard, split } = given;
  return {
    ...{ customs: customs === true, identityCheck: identityCheck === true, noCreditCard: noCreditCard === true },
    ...{ split: split === true, ...(instalments === undefined ? {} : { instalments }) },
  };
}

async function offer(parts: ApiParts, actor: Actor, body: Static<typeof NewOffers>): Promise<Result<Reply>> {
  const merchantId = merchantOf(actor, body.merchant_id);
  if (!merchantId.ok) return merchantId;
  const wish = wishOf(parts, merchantId.value, body);
  const offers = await askOffers(parts.customs, actor, wish);
  if (!offers.ok) return offers;
  const { offered, notOffered } = offers.value;
  const { currency } = body;
  return reply({
    side: wish.side,
    offered: offered.map((one) => offerView(one, currency)),
    notOffered: notOffered.map(reasonView),
  });
}

function offerView({ because, ...offered }: Offer, currency: string): Record<string, unknown> {
  return { ...offered, because: { ...because, fee: because.fee?.minor, currency } };
}

function reasonView({ refusal, ...way }: NotOffered): Record<string, unknown> {
  const { code, zh, en, wayOut } = explain(refusal);
  return { ...way, code, zh, en, wayOut };
}

type Spanned = { readonly validFrom: Instant; readonly validTo: Instant | undefined };

function dated<T extends Spanned>({ validFrom, validTo, ...said }: T): Record<string, unknown> {
  return {
    ...{ ...said, validFrom: rfc3339(validFrom) },
    ...(validTo === undefined ? {} : { validTo: rfc3339(validTo) }),
  };
}

function spanOf({ customs }: ApiParts, given: { valid_from?: string; valid_to?: string }): Spanned {
  return {
    validFrom: given.valid_from === undefined ? customs.clock.now() : instantOf(given.valid_from),
    validTo: given.valid_to === undefined ? undefined : instantOf(given.valid_to),
  };
}

const usualPriority = 100;

function ruleRoutes(parts: ApiParts): Route[] {
  const path = '/v1/routing/rules';
  return [
    route({
      ...{ method: 'GET', path, tag: 'routing', permission: 'accounts.read' },
      query: S.object({ account_id: Type.String({ minLength: 1, maxLength: 64 }) }),
      absent: ({ query }) => noAccount(query.account_id),
      summary: "The rules of an account's ways to pay, the last said first",
      answers: { 200: Type.Object({ items: Type.Array(RuleView) }) },
      async run({ actor, query }) {
        const listed = await listRules(parts.customs, actor, query.account_id);
        return listed.ok ? reply({ items: listed.value.map((rule: Rule) => dated(rule)) }) : listed;
      },
    }),
    route({
      ...{ method: 'POST', path, tag: 'routing', permission: 'routing.change', body: NewRule },
      absent: ({ body }) => noAccount(body.account_id),
      summary: 'Say where the ways of an account stand. What is said later goes before; nothing is changed',
      answers: { 201: RuleView },
      async run({ actor, body }) {
        const { account_id: accountId, product: about = '*', priority = usualPriority, weight, reason = '' } = body;
        const rule = { accountId, product: about, priority, weight, reason, ...spanOf(parts, body) };
        const set = await setRule(parts.customs, actor, rule);
        return set.ok ? reply(dated(set.value), 201) : set;
      },
    }),
  ];
}

function noticeRoutes(parts: ApiParts): Route[] {
  const path = '/v1/routing/notices';
  return [
    route({
      ...{ method: 'GET', path, tag: 'routing', permission: 'accounts.read' },
      query: S.object({
        merchant_id: text(64),
        since: Type.Optional(Type.String({ format: 'date-time', description: 'Now: without those that are over' })),
      }),
      summary: 'What channels announced: maintenance and warnings, also those to come',
      answers: { 200: Type.Object({ items: Type.Array(NoticeView) }) },
      async run({ actor, query }) {
        const merchantId = merchantOf(actor, query.merchant_id);
        if (!merchantId.ok) return merchantId;
        const since = query.since === undefined ? parts.customs.clock.now() : instantOf(query.since);
        const listed = await listNotices(parts.customs, actor, merchantId.value, since);
        return listed.ok ? reply({ items: listed.value.map((one: Notice) => dated(one)) }) : listed;
      },
    }),
    route({
      ...{ method: 'POST', path, tag: 'routing', permission: 'routing.change', body: NewNotice },
      summary: 'Keep what a channel announced: closed hides its ways for that time, warning is shown beside them',
      answers: { 201: NoticeView },
      run: ({ actor, body }) => announce(parts, actor, body),
    }),
    route({
      ...{ method: 'POST', path: `${path}/{id}/withdraw`, tag: 'routing', permission: 'routing.change' },
      ...{ params: notice, body: S.object({ reason: text(1000) }) },
      absent: absent('routing.notice_not_found', 'notice'),
      summary: 'Take a notice back: it was over early, or wrong',
      answers: { 200: NoticeView },
      async run({ actor, params, body }) {
        const withdrawn = await withdrawNotice(parts.customs, actor, params.id, body.reason ?? '');
        return withdrawn.ok ? reply(dated(withdrawn.value)) : withdrawn;
      },
    }),
  ];
}

async function announce(parts: ApiParts, actor: Actor, body: Static<typeof NewNotice>): Promise<Result<Reply>> {
  const isOfAll = body.merchant_id === undefined && actor.merchants.includes(everyMerchant);
  const merchant = isOfAll ? undefined : merchantOf(actor, body.merchant_id);
  if (merchant && !merchant.ok) return merchant;
  const { channel, account_id: accountId, product: about = '*', effect, text: said } = body;
  const given = { merchantId: merchant?.value, channel, accountId, product: about, effect, text: said };
  const told = await tellNotice(parts.customs, actor, { ...given, ...spanOf(parts, body) });
  return told.ok ? reply(dated(told.value), 201) : told;
}
