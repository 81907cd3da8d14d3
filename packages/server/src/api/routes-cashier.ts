import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Secret } from '../kernel/index.ts';
import type { Currency, Instant } from '../kernel/index.ts';
import { openCashier } from '../cashier/index.ts';
import type { CashierWish } from '../cashier/index.ts';
import type { ApiParts } from './parts.ts';
import { merchantOf, reply, route } from './route.ts';
import type { Route } from './route.ts';
import * as S from './schemas.ts';

const Optional = Type.Optional;
const moment = Optional(Type.String({ format: 'date-time' }));
const yes = Optional(Type.Boolean());

const NewCashier = S.object({
  merchant_id: Optional(Type.String({ minLength: 1, maxLength: 64 })),
  order_no: Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_.:/#-]+$' }),
  amount: Type.Integer({ minimum: 1, maximum: 1_000_000_000_000, description: 'Minor units' }),
  currency: Type.String({ pattern: '^[A-Z]{3}$' }),
  subject: Type.String({ minLength: 1, maxLength: 256, pattern: '^[^\\u0000-\\u001f]+$' }),
  expires_at: Optional(Type.String({ format: 'date-time', description: 'Half an hour from now when absent' })),
  return_url: Optional(
    Type.String({
      ...{ maxLength: 256, pattern: '^https?://[^\\s]+$' },
      description: 'Where the payer goes back to, with order_no and nothing else: that he comes proves nothing',
    }),
  ),
  return_until: moment,
  payer_id: Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      description: "The payer's id at the wallet whose browser opens the link",
    }),
  ),
  needs: Optional(
    S.object({
      ...{ customs: yes, identity_check: yes, no_credit_card: yes, split: yes },
      instalments: Optional(Type.Integer({ minimum: 2, maximum: 60 })),
    }),
  ),
  lang: Optional(Type.Union([Type.Literal('zh'), Type.Literal('en')])),
});

const OpenedCashier = Type.Object({
  id: Type.String(),
  url: Type.Union([Type.String(), Type.Null()], {
    description: 'For the payer alone. Shown once; null when the answer is repeated: then open another one',
  }),
  expires_at: Type.String({ format: 'date-time' }),
});

export function cashierRoutes(parts: ApiParts): Route[] {
  return [
    route({
      ...{ method: 'POST', path: '/v1/cashiers', tag: 'payments', permission: 'payments.create', body: NewCashier },
      summary: 'A page for the payer: he chooses how to pay one order, and sees what became of it',
      answers: { 201: OpenedCashier },
      shownOnce: ['url'],
      async run({ actor, body }) {
        const merchantId = merchantOf(actor, body.merchant_id);
        if (!merchantId.ok) return merchantId;
        const opened = await openCashier(parts, actor, wishOf(merchantId.value, body));
        return opened.ok ? reply(opened.value, 201) : opened;
      },
    }),
  ];
}

const instantOf = (rfc: string): Instant => Date.parse(rfc) as Instant;

function wishOf(merchantId: string, body: Static<typeof NewCashier>): CashierWish {
  const { order_no: orderNo, subject, lang, needs = {} } = body;
  return {
    ...{ merchantId, orderNo, subject },
    amount: { minor: BigInt(body.amount), currency: body.currency as Currency },
    ...(body.expires_at === undefined ? {} : { expiresAt: instantOf(body.expires_at) }),
    ...(body.return_url === undefined ? {} : { returnUrl: body.return_url }),
    ...(body.return_until === undefined ? {} : { returnUntil: instantOf(body.return_until) }),
    ...(body.payer_id === undefined ? {} : { payerId: new Secret(body.payer_id) }),
    ...(lang === undefined ? {} : { lang }),
    needs: {
      ...(needs.customs === undefined ? {} : { customs: needs.customs }),
      ...(needs.identity_check === undefined ? {} : { identityCheck: needs.identity_check }),
      ...(needs.no_credit_card === undefined ? {} : { noCreditCard: needs.no_credit_card }),
      ...(needs.split === undefined ? {} : { split: needs.split }),
      ...(needs.instalments === undefined ? {} : { instalments: needs.instalments }),
    },
  };
}
