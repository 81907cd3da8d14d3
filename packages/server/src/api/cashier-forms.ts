import { performance } from 'node:perf_hooks';
import type { FastifyRequest } from 'fastify';
import { chooseWay, sayNotPaid, sayPaid } from '../cashier/index.ts';
import type { Cashier, Visit } from '../cashier/index.ts';
import { once } from './idempotency.ts';
import { inTurn } from './in-turn.ts';
import type { ApiParts } from './parts.ts';
import type { RateLimit } from './rate-limit.ts';
import { reply as replyOf } from './route.ts';

export type AskedPage = {
  Params: { token: string };
  Querystring: Readonly<Record<string, string | undefined>>;
  Body: URLSearchParams | undefined;
};
export type PageRequest = FastifyRequest<AskedPage>;

export type FormParts = { readonly api: ApiParts; readonly claims: RateLimit };

/** What the address of the page that follows says. */
type More = Readonly<Record<string, string>>;
type Carry = (parts: FormParts, cashier: Cashier, request: PageRequest, form: URLSearchParams) => Promise<More>;

const forms = {
  async choose({ api }, cashier, request, form) {
    const backTo = `${api.payments.publicUrl}/c/${request.params.token}?return=1`;
    const chosen = await chooseWay(api, cashier, visitOf(request), { value: form.get('offer') ?? '', backTo });
    return chosen === 'begun' ? { go: '1' } : chosen === 'gone' ? { gone: '1' } : {};
  },
  async paid({ api, claims }, cashier, _request, form) {
    // Pressed on and on it asks the channel no more often; the page says the same.
    if (claims.take(cashier.id, performance.now()) === 0) await sayPaid(api, cashier, numberIn(form));
    return { back: '1' };
  },
  async 'not-paid'({ api }, cashier, _request, form) {
    await sayNotPaid(api, cashier, numberIn(form));
    return {};
  },
} as const satisfies Readonly<Record<string, Carry>>;

export type FormName = keyof typeof forms;
export const formNames = Object.keys(forms) as readonly FormName[];

export function visitOf({ headers, ip, query }: PageRequest): Visit {
  return { userAgent: headers['user-agent'] ?? '', address: ip, isBack: query['back'] === '1' };
}

function numberIn(form: URLSearchParams): number {
  const text = form.get('attempt') ?? '';
  return /^\d{1,4}$/.test(text) ? Number(text) : -1;
}

/** Carries a form out and returns the address of the page to go to. Pressed twice, or sent again by "reload", it is carried out once. */
export async function carryForm(
  parts: FormParts,
  name: FormName,
  cashier: Cashier,
  request: PageRequest,
): Promise<string> {
  const form = request.body ?? new URLSearchParams();
  const key = form.get('key') ?? '';
  const more = /^[\x21-\x7e]{8,64}$/.test(key)
    ? await inTurn(`cashier ${cashier.merchantId} ${cashier.orderNo}`, () =>
        carryOnce(parts, name, cashier, request, form),
      )
    : {};
  const { lang } = request.query;
  const asked = new URLSearchParams({ ...(lang === undefined ? {} : { lang }), ...more }).toString();
  return `/c/${request.params.token}${asked === '' ? '' : `?${asked}`}`;
}

async function carryOnce(
  parts: FormParts,
  name: FormName,
  cashier: Cashier,
  request: PageRequest,
  form: URLSearchParams,
): Promise<More> {
  const given = {
    ...{ tokenDigest: Buffer.from(`cashier/${cashier.id}`), bytes: Buffer.from(form.toString()) },
    ...{ line: `POST /c/${name}`, requestId: request.id },
  };
  const answer = await once(parts.api, form.get('key') ?? '', given, {}, async () =>
    replyOf(await forms[name](parts, cashier, request, form)),
  );
  return answer.status === 200 ? (answer.body as More) : {};
}
