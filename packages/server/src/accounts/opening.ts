import type { Connector, OpeningRules } from '../channels/contract/index.ts';
import type { Refusal } from '../kernel/index.ts';
import { formTexts } from './form.texts.ts';

const { rules } = formTexts;

type Settings = Readonly<Record<string, string>>;

/** The owner's numbers that both accounts have, where they are one owner's: his statement would be read for both, and counted twice. */
export function sharedOwner({ opening }: Connector, one: Settings, other: Settings): string | undefined {
  const named = (opening?.ownerSettings ?? []).filter((name) => one[name] !== undefined || other[name] !== undefined);
  const isOne = named.length > 0 && named.every((name) => one[name] === other[name]);
  return isOne ? named.map((name) => `${name} ${one[name] ?? ''}`).join(', ') : undefined;
}

/** A serial number of the form that every one of ours has: 20 digits (architecture rule 9). */
const ourNumber = '26010112345678901234';

/** What our own numbers, units and deadlines are at this channel: said when the account is added, never when a buyer pays. */
export function refuseChannel({ manifest: { id, pay, refund } }: Connector): Refusal | undefined {
  const unfit = (rule: keyof typeof rules, allowed: string): Refusal => ({
    code: 'onboarding.channel_unfit',
    params: { channel: id, rule: rules[rule].en, ruleZh: rules[rule].zh, allowed },
  });
  if (!pay) return undefined;
  if (!new RegExp(pay.serialNo.pattern).test(ourNumber)) return unfit('serialNo', pay.serialNo.pattern);
  if (refund && !new RegExp(refund.refundNo.pattern).test(ourNumber)) return unfit('refundNo', refund.refundNo.pattern);
  if (pay.amount.minMinor < 1n || pay.amount.minMinor > pay.amount.maxMinor)
    return unfit('amount', `${pay.amount.minMinor} – ${pay.amount.maxMinor}`);
  const { minMs, maxMs } = pay.expiry;
  return minMs > usualExpiryMs || maxMs < usualExpiryMs ? unfit('deadline', `${minMs} – ${maxMs} ms`) : undefined;
}

/** An order that names no deadline lives for half an hour. */
const usualExpiryMs = 30 * 60_000;

export type OpenedProducts = {
  readonly products: readonly string[];
  /** Which kind of application the merchant has, where somebody noted it. */
  readonly appKind?: string;
};

/** Whether these products can be open together: the first that cannot is named with what must come before it. */
export function refuseProducts(
  { manifest, opening }: Connector,
  { products, appKind }: OpenedProducts,
): Refusal | undefined {
  const known = Object.keys(manifest.pay?.products ?? {});
  const stranger = products.find((product) => !known.includes(product));
  if (stranger !== undefined)
    return { code: 'onboarding.unknown_product', params: { product: stranger, known: known.join(', ') || '-' } };
  for (const product of products) {
    const refusal = refuseProduct(opening, product, products, appKind);
    if (refusal) return refusal;
  }
  return undefined;
}

function refuseProduct(
  opening: OpeningRules | undefined,
  product: string,
  all: readonly string[],
  appKind: string | undefined,
): Refusal | undefined {
  const { after, with: comesWith, appKinds } = opening?.products[product] ?? {};
  const lacks = (wanted: readonly string[] | undefined): boolean =>
    wanted !== undefined && !wanted.some((one) => all.includes(one));
  if (lacks(after) || lacks(comesWith))
    return {
      code: 'onboarding.prerequisite_missing',
      params: { product, wanted: (after ?? comesWith ?? []).join(', ') },
    };
  if (appKinds && appKind !== undefined && !appKinds.includes(appKind))
    return { code: 'onboarding.app_kind_unfit', params: { product, found: appKind, allowed: appKinds.join(', ') } };
  return undefined;
}
