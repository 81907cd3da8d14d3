import type { AccountRow } from '../accounts/index.ts';
import type { Connector, ProductRule } from '../channels/contract/index.ts';
import { isTermBlank } from '../contracts/index.ts';
import type { Blank } from '../contracts/index.ts';
import { factTexts, productWords, secretsIn } from './blanks.texts.ts';

export type { Blank } from '../contracts/index.ts';

/** What is known of an account before anybody filled anything in. */
export type Known = { readonly connector: Connector; readonly account: Pick<AccountRow, 'settings'> };

type Choice = NonNullable<Blank['oneOf']>[number];

const withChoices = (blank: Blank, oneOf: readonly Choice[]): Blank => {
  const [first] = oneOf;
  return first ? { ...blank, oneOf, example: first.word } : blank;
};

/** The modes that an account with its settings can have: any other one would be refused. */
function modeBlank({ connector: { opening }, account: { settings } }: Known): Blank {
  const all = Object.entries(opening?.modes ?? {});
  const fit = all.filter(([, { setting }]) => !setting || (settings[setting.name] !== undefined) === setting.present);
  return withChoices(
    factTexts.mode,
    (fit.length > 0 ? fit : all).map(([word, { zh, en }]) => ({ word, zh, en })),
  );
}

const isSet = (value: string | undefined, oneOf: readonly string[] | undefined): boolean =>
  value !== undefined && value !== '' && (oneOf?.includes(value) ?? true);

const hasSettings = ({ openedBy = [], closedBy = [] }: ProductRule, settings: AccountRow['settings']): boolean =>
  openedBy.every((wish) => !('setting' in wish) || isSet(settings[wish.setting], wish.oneOf)) &&
  !closedBy.some((wish) => isSet(settings[wish.setting], wish.oneOf));

/** The products that the account's settings allow. */
export const productsOf = ({ connector: { manifest }, account }: Known): readonly string[] =>
  Object.entries(manifest.pay?.products ?? {}).flatMap(([product, rule]) =>
    hasSettings(rule, account.settings) ? [product] : [],
  );

/** What buyers are offered of a live account. Where nobody said which products are open, its settings do. */
export const offeredOf = (known: {
  readonly connector: Connector;
  readonly account: AccountRow;
}): readonly string[] => {
  const { products } = known.account;
  return productsOf(known).filter((product) => products?.includes(product) ?? true);
};

/** Those first that need no other product. */
export function productBlank(known: Known): Blank {
  const { manifest, opening } = known.connector;
  const choices = productsOf(known).map((word) => {
    const { after = [], with: comesWith = [] } = opening?.products[word] ?? {};
    const { nameZh: zh = word, nameEn: en = word } = manifest.pay?.products[word] ?? {};
    return { word, ...productWords({ zh, en }, comesWith, after), waits: after.length + comesWith.length > 0 };
  });
  const sorted = [...choices].sort((a, b) => Number(a.waits) - Number(b.waits));
  return withChoices(
    factTexts.product,
    sorted.map(({ word, zh, en }) => ({ word, zh, en })),
  );
}

/** The kinds of application with which one has these products. */
export function appKindBlank({ opening }: Connector, products: readonly string[]): Blank {
  const kinds = products.flatMap((product): Choice[] => {
    const { where, appKinds = [] } = opening?.products[product] ?? {};
    return where ? appKinds.map((word) => ({ word, zh: where.zh, en: where.en })) : [];
  });
  return withChoices(factTexts.app_kind, [...new Map(kinds.map((kind) => [kind.word, kind])).values()]);
}

export function fileBlank({ manifest }: Connector, secrets: readonly string[]): Blank {
  const labels = manifest.secrets.filter(({ name }) => secrets.includes(name));
  return { ...factTexts.file, ...secretsIn(labels.map(({ labelZh: zh, labelEn: en }) => ({ zh, en }))) };
}

/** What is printed for a fact of this key, where its value is people's own. */
export function factBlank(key: string, known: Known): Blank | undefined {
  switch (key) {
    case 'mode':
      return modeBlank(known);
    case 'app_kind':
      return appKindBlank(known.connector, Object.keys(known.connector.opening?.products ?? {}));
    case 'agreement':
    case 'egress':
    case 'egress_state':
      return factTexts[key];
    default:
      return undefined;
  }
}

const own: ReadonlySet<string> = new Set(Object.values(factTexts).map(({ word }) => word));

/** Whether somebody left a word of ours as it was printed. */
export const isBlank = (text: string): boolean => own.has(text) || isTermBlank(text);

/** The blank that a word of ours is, with what it means at this account. */
export function blankOf(word: string, known: Known): Blank | undefined {
  if (word === factTexts.product.word) return productBlank(known);
  const [key] = Object.entries(factTexts).find(([, one]) => one.word === word) ?? [];
  return key === undefined ? undefined : factBlank(key, known);
}
