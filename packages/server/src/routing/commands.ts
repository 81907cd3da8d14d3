import { done, refuse } from '../kernel/index.ts';
import type { Instant, Refusal, Result } from '../kernel/index.ts';
import { openAccount } from '../accounts/index.ts';
import type { AccountParts } from '../accounts/index.ts';
import type { Connector } from '../channels/contract/index.ts';
import { allowed, everyMerchant, writeAudit } from '../identity/index.ts';
import type { Actor, AuditDetail } from '../identity/index.ts';
import { nextNumbers } from '../platform/counters.ts';
import type { Offers, OfferWish } from './candidate.ts';
import { offersFor } from './offers.ts';
import type { OfferParts } from './offers.ts';
import { every } from './rules.ts';
import type { Notice, Rule } from './rules.ts';
import { findNotice, insertNotice, insertRule, noticesFor, rulesOf, withdraw } from './store.ts';

/** What an order would be offered, for whoever collects or looks: nothing is begun by it. */
export async function askOffers(parts: OfferParts, actor: Actor, wish: OfferWish): Promise<Result<Offers>> {
  const permitted = allowed(actor, 'payments.create', wish.merchantId);
  const looking = permitted.ok ? permitted : allowed(actor, 'numbers.read', wish.merchantId);
  return looking.ok ? done(await offersFor(parts, wish)) : looking;
}

export type NewRule = Omit<Rule, 'id' | 'madeBy' | 'madeAt'>;

/** Says where the ways of an account stand; from then on, or for a time. @returns refusals account.not_found, of `allowed`, routing.* of its form. */
export async function setRule(parts: AccountParts, actor: Actor, given: NewRule): Promise<Result<Rule>> {
  const opened = await openAccount(parts, given.accountId);
  if (!opened.ok) return opened;
  const permitted = allowed(actor, 'routing.change', opened.value.merchantId);
  if (!permitted.ok) return permitted;
  const refusal = refuseSpan(given) ?? refuseProduct(opened.value.connector, given.product);
  if (refusal) return { ok: false, refusal };
  const at = parts.clock.now();
  const rule: Rule = { ...given, id: parts.ids.next(), madeBy: actor.userId, madeAt: at };
  const { accountId, product, reason, priority, weight } = rule;
  const detail = { account: accountId, product, priority, weight: weight ?? null, ...spanOf(rule) };
  await parts.db.transaction(async (tx) => {
    await insertRule(tx, rule);
    const entry = { actor, act: 'routing.rule_set', subject: accountId, reason, detail };
    await writeAudit(tx, [entry], { at, ids: parts.ids });
  });
  return done(rule);
}

export type NewNotice = Omit<Notice, 'id' | 'madeBy' | 'madeAt' | 'withdrawnAt' | 'withdrawnBy'>;

/**
 * Keeps what a channel announced. Without a merchant it concerns the accounts of all of them, and whoever says it must be bound to none.
 * @returns refusals of `allowed`, routing.* of its form, account.not_found.
 */
export async function tellNotice(parts: AccountParts, actor: Actor, given: NewNotice): Promise<Result<Notice>> {
  const permitted = allowed(actor, 'routing.change', given.merchantId);
  if (!permitted.ok) return permitted;
  const connector = parts.channels.get(given.channel);
  if (!connector) {
    const known = parts.channels.all().map(({ manifest }) => manifest.id);
    return refuse('routing.unknown_channel', { channel: given.channel, known: known.join(', ') }, '/channel');
  }
  const account = given.accountId === undefined ? undefined : await openAccount(parts, given.accountId);
  if (
    account &&
    (!account.ok || account.value.merchantId !== given.merchantId || account.value.channel !== given.channel)
  )
    return refuse('account.not_found', { account: given.accountId ?? '' }, '/account_id');
  const refusal = refuseSpan(given) ?? refuseProduct(connector, given.product);
  if (refusal) return { ok: false, refusal };
  const at = parts.clock.now();
  return parts.db.transaction(async (tx) => {
    const [number] = await nextNumbers(tx, 'channel_notice', 1);
    const notice: Notice = { ...given, id: `N-${number}`, madeBy: actor.userId, madeAt: at };
    await insertNotice(tx, notice);
    const { id: subject, channel, product, effect, text } = notice;
    const detail = { channel, product, effect, text, account: given.accountId ?? null, ...spanOf(notice) };
    await writeAudit(tx, [{ actor, act: 'routing.notice_told', subject, detail }], { at, ids: parts.ids });
    return done(notice);
  });
}

/** Takes a notice back: it was over early, or wrong. Once withdrawn it stays so. @returns refusals routing.notice_not_found, of `allowed`. */
export async function withdrawNotice(
  parts: AccountParts,
  actor: Actor,
  id: string,
  reason: string,
): Promise<Result<Notice>> {
  const at = parts.clock.now();
  return parts.db.transaction(async (tx) => {
    const notice = await findNotice(tx, id);
    if (!notice || !isSeenBy(actor, notice)) return refuse('routing.notice_not_found', { notice: id });
    const permitted = allowed(actor, 'routing.change', notice.merchantId);
    if (!permitted.ok) return permitted;
    if (notice.withdrawnAt !== undefined) return done(notice);
    await withdraw(tx, id, actor.userId, at);
    await writeAudit(tx, [{ actor, act: 'routing.notice_withdrawn', subject: id, reason }], { at, ids: parts.ids });
    return done({ ...notice, withdrawnAt: at, withdrawnBy: actor.userId });
  });
}

/** Of another merchant's notice nobody is told that it exists. */
const isSeenBy = ({ merchants }: Actor, { merchantId }: Notice): boolean =>
  merchantId === undefined || merchants.includes(everyMerchant) || merchants.includes(merchantId);

/** All rules of an account, the last said first: also those that are over. @returns refusals account.not_found, of `allowed`. */
export async function listRules(
  parts: AccountParts,
  actor: Actor,
  accountId: string,
): Promise<Result<readonly Rule[]>> {
  const opened = await openAccount(parts, accountId);
  if (!opened.ok) return opened;
  const permitted = allowed(actor, 'accounts.read', opened.value.merchantId);
  return permitted.ok ? done(await rulesOf(parts.db, [accountId])) : permitted;
}

/** The notices that concern a merchant, those to come among them, without what was over before `from`. */
export async function listNotices(
  parts: AccountParts,
  actor: Actor,
  merchantId: string,
  from: Instant,
): Promise<Result<readonly Notice[]>> {
  const permitted = allowed(actor, 'accounts.read', merchantId);
  return permitted.ok ? done(await noticesFor(parts.db, [merchantId], from)) : permitted;
}

type Spanned = { readonly validFrom: Instant; readonly validTo: Instant | undefined };

function refuseSpan({ validFrom: from, validTo: to }: Spanned): Refusal | undefined {
  if (to === undefined || to > from) return undefined;
  return { code: 'routing.ends_before_it_begins', params: { from, to }, pointer: '/valid_to' };
}

function refuseProduct({ manifest: { id: channel, pay } }: Connector, product: string): Refusal | undefined {
  const known = Object.keys(pay?.products ?? {});
  if (product === every || known.includes(product)) return undefined;
  const params = { channel, product, known: known.join(', ') || every };
  return { code: 'routing.unknown_product', params, pointer: '/product' };
}

const spanOf = ({ validFrom, validTo }: Spanned): AuditDetail => ({ from: validFrom, to: validTo ?? null });
