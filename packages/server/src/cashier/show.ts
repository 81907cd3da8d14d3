import { both } from '../platform/story/index.ts';
import type { Words } from '../platform/story/index.ts';
import { openAccountOften } from '../accounts/index.ts';
import type { Offers } from '../routing/index.ts';
import { offerValue } from './acts.ts';
import { hiddenReasons } from './hidden.texts.ts';
import { lookAtCashier, tellLook } from './look.ts';
import type { Look } from './look.ts';
import { cashierPage } from './page/page.ts';
import type { PageFacts, PageHidden, PageOffer } from './page/facts.ts';
import { pathOf } from './open-cashier.ts';
import type { CashierParts, Visit } from './parts.ts';
import type { Cashier } from './session.ts';
import { readMerchantNames } from './store.ts';

export type PageWish = Visit & {
  readonly token: string;
  readonly lang: 'zh' | 'en';
  /** What was chosen could not begin. */
  readonly isGone: boolean;
};

/** The page as it is now. Whoever loads it looks, so that a payer without scripts hears as much. */
export async function showCashier(parts: CashierParts, cashier: Cashier, wish: PageWish): Promise<string> {
  const look = await lookAtCashier(parts, cashier, wish);
  await tellLook(parts, look);
  return cashierPage(await factsOf(parts, look, wish));
}

async function factsOf(parts: CashierParts, look: Look, wish: PageWish): Promise<PageFacts> {
  const { payments, installation } = parts;
  const { cashier, view, side, offers, order } = look;
  const nameOf = namer(parts);
  const path = pathOf(wish.token);
  const inside = insideOf(parts, look);
  const simulator = installation.bornAs === 'sandbox' ? await simulatorOf(parts, look) : undefined;
  return {
    ...{ view, cashier, merchant: await readMerchantNames(payments.db, cashier.merchantId), nameOf },
    nameOfAttempt: (id) => nameOf(order?.attempts.find((one) => one.id === id)?.channel ?? ''),
    numberOf: (id) => order?.attempts.findIndex((one) => one.id === id) ?? -1,
    bridgeOf: (channel) => payments.channels.get(channel)?.manifest.pay?.wallet?.bridge,
    ...{ offers: offers?.offered.map(offerOf) ?? [], hidden: offers ? hiddenOf(offers, nameOf) : [] },
    ...(inside ? { inside } : {}),
    ...(simulator === undefined ? {} : { simulator }),
    ...{ isPhone: side.terminal === 'phone', isSandbox: installation.bornAs === 'sandbox' },
    ...{ isBack: wish.isBack, isGone: wish.isGone, lang: wish.lang, path, address: `${payments.publicUrl}${path}` },
    ...{ formKey: payments.ids.next(), version: look.version, now: payments.clock.now() },
  };
}

const namer =
  ({ payments }: CashierParts) =>
  (channel: string): Words => {
    const { nameZh = channel, nameEn = channel } = payments.channels.get(channel)?.manifest ?? {};
    return both(nameZh, nameEn);
  };

function offerOf(offer: Offers['offered'][number]): PageOffer {
  const { nameZh, nameEn, handsOut } = offer;
  return { value: offerValue(offer), name: both(nameZh, nameEn), handsOut };
}

/** One sentence for each channel that is not offered at all, where there is one that says something to a payer. */
function hiddenOf({ offered, notOffered }: Offers, nameOf: (channel: string) => Words): PageHidden[] {
  const there = new Set(offered.map(({ channel }) => channel));
  const absent = new Set(notOffered.map(({ channel }) => channel).filter((channel) => !there.has(channel)));
  return [...absent].flatMap((channel) => {
    const codes = new Set(notOffered.filter((one) => one.channel === channel).map(({ refusal }) => refusal.code));
    const [, why] = hiddenReasons.find(([code]) => codes.has(code)) ?? [];
    return why ? [{ name: nameOf(channel), why }] : [];
  });
}

/** In a mini program no link leads out; in a wallet's browser the payer may copy the address. */
function insideOf({ payments }: CashierParts, { side }: Look): PageFacts['inside'] {
  const { wallet, isMiniProgram = false } = side;
  const leadsOut = !isMiniProgram && payments.channels.get(wallet ?? '')?.manifest.pay?.wallet?.opensOthers === false;
  return wallet === undefined ? undefined : { channel: wallet, leadsOut };
}

/** The simulators read each other's codes at `/scan`; where a code is a page already, it is that page. */
async function simulatorOf({ payments }: CashierParts, { view: { stand } }: Look): Promise<string | undefined> {
  if (stand.at !== 'scan') return undefined;
  if (/^https?:/.test(stand.text)) return stand.text;
  const opened = await openAccountOften(payments, stand.attempt.accountId);
  const gateway = opened.ok ? opened.value.account.settings['gateway_url'] : undefined;
  return gateway === undefined ? undefined : `${new URL(gateway).origin}/scan?text=${encodeURIComponent(stand.text)}`;
}
