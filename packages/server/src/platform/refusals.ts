import { assert, refuse, shanghaiText } from '../kernel/index.ts';
import type { Instant, Refusal, RefusalParams, Result } from '../kernel/index.ts';
import type { CatalogueEntries, CatalogueEntry, ParamsOfEntry } from './catalogue.ts';
import { accountRefusals } from './refusals/account.ts';
import { approvalRefusals } from './refusals/approval.ts';
import { authRefusals } from './refusals/auth.ts';
import { backupRefusals } from './refusals/backup.ts';
import { caseRefusals } from './refusals/case.ts';
import { channelRefusals } from './refusals/channel.ts';
import { claimRefusals } from './refusals/claim.ts';
import { commandLineRefusals } from './refusals/command-line.ts';
import { contractRefusals } from './refusals/contracts.ts';
import { customsRefusals } from './refusals/customs.ts';
import { declarationRefusals } from './refusals/declaration.ts';
import { idempotencyRefusals } from './refusals/idempotency.ts';
import { importRefusals } from './refusals/import.ts';
import { incidentRefusals } from './refusals/incident.ts';
import { ledgerRefusals } from './refusals/ledger.ts';
import { onboardingRefusals } from './refusals/onboarding.ts';
import { packRefusals } from './refusals/pack.ts';
import { keysRefusals } from './refusals/keys.ts';
import { paymentRefusals } from './refusals/payments.ts';
import { retentionRefusals } from './refusals/retention.ts';
import { routingRefusals } from './refusals/routing.ts';
import { sandboxRefusals } from './refusals/sandbox.ts';
import { schemaRefusals } from './refusals/schema.ts';
import { serverRefusals } from './refusals/server.ts';
import { sharingRefusals } from './refusals/sharing.ts';
import { statementRefusals } from './refusals/statement.ts';
import { userRefusals } from './refusals/user.ts';
import { webhookRefusals } from './refusals/webhook.ts';

const catalogue = {
  ...accountRefusals,
  ...approvalRefusals,
  ...authRefusals,
  ...backupRefusals,
  ...caseRefusals,
  ...channelRefusals,
  ...claimRefusals,
  ...commandLineRefusals,
  ...contractRefusals,
  ...customsRefusals,
  ...declarationRefusals,
  ...idempotencyRefusals,
  ...importRefusals,
  ...incidentRefusals,
  ...keysRefusals,
  ...ledgerRefusals,
  ...onboardingRefusals,
  ...packRefusals,
  ...paymentRefusals,
  ...retentionRefusals,
  ...routingRefusals,
  ...sandboxRefusals,
  ...schemaRefusals,
  ...serverRefusals,
  ...sharingRefusals,
  ...statementRefusals,
  ...userRefusals,
  ...webhookRefusals,
};

type Catalogue = typeof catalogue;
export type RefusalCode = keyof Catalogue;
export const refusalCodes = Object.keys(catalogue) as RefusalCode[];

/** `refuse` of the kernel, with code and parameters checked by the compiler against the catalogue's sentences. */
export function refuseAs<Code extends RefusalCode>(
  code: Code,
  params: ParamsOfEntry<Catalogue[Code]>,
  pointer?: string,
): Result<never>;
// The plain form stands apart: comparing it with the parameters of every entry cost the compiler four seconds.
export function refuseAs(code: string, params: object, pointer?: string): Result<never> {
  return refuse(code, params as RefusalParams, pointer);
}

/** Throws a Bug for a code that is not in the catalogue. */
export function entryOf(code: string): CatalogueEntry {
  const entries: CatalogueEntries = catalogue;
  const entry = Object.hasOwn(entries, code) ? entries[code] : undefined;
  assert(entry, `refusal ${code} is not in the catalogue`);
  return entry;
}

/** A refusal in words, for every door. */
export type Explained = {
  readonly code: string;
  readonly http: number;
  readonly money: CatalogueEntry['money'];
  readonly retry: CatalogueEntry['retry'];
  readonly title: string;
  readonly pointer?: string;
  readonly zh: string;
  readonly en: string;
  readonly wayOut: { readonly zh: string; readonly en: string };
};

export function explain(refusal: Refusal): Explained {
  const { http, money, retry, title, ...texts } = entryOf(refusal.code);
  const [zh, en] = [(text: string) => fill(text, chinese(refusal)), (text: string) => fill(text, refusal)];
  return {
    code: refusal.code,
    http,
    money,
    retry,
    title,
    ...(refusal.pointer !== undefined && { pointer: refusal.pointer }),
    zh: zh(texts.zh),
    en: en(texts.en),
    wayOut: { zh: zh(texts.wayOutZh), en: en(texts.wayOutEn) },
  };
}

/** One paragraph in one language, way out included. */
export function describe(refusal: Refusal, lang: 'zh' | 'en'): string {
  const { zh, en, wayOut } = explain(refusal);
  return lang === 'zh' ? `${zh}${wayOut.zh}` : `${en} ${wayOut.en}`;
}

/** The body of `application/problem+json` (RFC 9457) with our members. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly pointer?: string;
  readonly detail: string;
  readonly detail_zh: string;
  readonly params: RefusalParams;
  readonly money: Explained['money'];
  readonly retry: Explained['retry'];
  readonly way_out: { readonly zh: string; readonly en: string };
  readonly request_id: string;
};

export function problemOf(refusal: Refusal, requestId: string): Problem {
  const { code, http, money, retry, title, pointer, zh, en, wayOut } = explain(refusal);
  return {
    type: `/docs/errors/${code}`,
    title,
    status: http,
    code,
    ...(pointer !== undefined && { pointer }),
    detail: en,
    detail_zh: zh,
    params: Object.fromEntries(Object.entries(refusal.params).map(([name, value]) => [snake(name), value])),
    money,
    retry,
    way_out: wayOut,
    request_id: requestId,
  };
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A parameter that has words of its own in Chinese brings them beside it: `allowed` and `allowedZh`. */
function chinese({ params, ...refusal }: Refusal): Refusal {
  const own = Object.entries(params).filter(([name]) => name.endsWith('Zh'));
  return { ...refusal, params: { ...params, ...Object.fromEntries(own.map(([name, of]) => [name.slice(0, -2), of])) } };
}

function fill(text: string, refusal: Refusal): string {
  const given = (part: string): boolean => placeholdersOf(part).every((name) => refusal.params[name] !== undefined);
  return text
    .replace(/\[([^\]]*)\]/g, (_, part: string) => (given(part) ? part : ''))
    .replace(/\{(\w+)(?:\|(\w+))?\}/g, (_, name: string, format: string | undefined) => {
      const value = refusal.params[name];
      assert(value !== undefined, `refusal ${refusal.code} lacks its parameter ${name}`);
      return formatted(value, format);
    });
}

/** The names a sentence uses, those in brackets included. */
export function placeholdersOf(text: string): string[] {
  return [...text.matchAll(/\{(\w+)(?:\|\w+)?\}/g)].map((match) => match[1] ?? '');
}

function formatted(value: string | number | boolean, format: string | undefined): string {
  if (format === 'time') return `${shanghaiText(Number(value) as Instant)} (GMT+8)`;
  if (format === 'count') return Number(value).toLocaleString('en-US');
  return String(value);
}
