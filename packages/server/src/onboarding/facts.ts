import { isIP } from 'node:net';
import { done, parseShanghai, refuse } from '../kernel/index.ts';
import type { Instant, Refusal, Result } from '../kernel/index.ts';
import type { Connector } from '../channels/contract/index.ts';
import { refuseProducts } from '../accounts/index.ts';
import { isTermKind, labelOf } from '../contracts/index.ts';
import { shellWord } from '../platform/shell-word.ts';
import { blankOf, factBlank, isBlank } from './blanks.ts';
import type { Blank } from './blanks.ts';
import { choices, meanings, named, valueForms, wantTexts } from './blanks.texts.ts';
import { noteUnneeded } from './next.ts';
import { notNeeded, stepRules, waitingKeys } from './steps.data.ts';
import type { StepKey, StepRule, Want } from './steps.data.ts';

/** What somebody noted of a step of an account. */
export type Fact = {
  readonly accountId: string;
  readonly step: StepKey;
  readonly key: string;
  readonly value: string;
  readonly validTo: Instant | undefined;
  readonly notedBy: string;
  readonly notedAt: Instant;
};

export type Facts = ReadonlyMap<string, Fact>;

const placeOf = (step: StepKey, key: string): string => `${step}/${key}`;

/** Of one key what was noted last, also when it has lapsed since. */
export const latestFacts = (rows: readonly Fact[]): Facts =>
  new Map(rows.map((row) => [placeOf(row.step, row.key), row]));

/** Of one key what was noted last, if it has not lapsed. `rows` stand in the order in which they were noted. */
export function factsAt(rows: readonly Fact[], at: Instant): Facts {
  return new Map([...latestFacts(rows)].filter(([, { validTo }]) => validTo === undefined || validTo > at));
}

export const valueOf = (facts: Facts, step: StepKey, key: string): string | undefined =>
  facts.get(placeOf(step, key))?.value;

export const isStep = (text: string): text is StepKey => stepRules.some(({ key }) => key === text);

const ruleOfStep = (step: StepKey): StepRule => stepRules.find(({ key }) => key === step) ?? stepRules[0];

export const keyOfWant = (want: Want): string => ('term' in want ? want.term : want.fact);

/** The key under which the kind of the merchant's application at the channel is noted. */
export const appKind = 'app_kind';

/** The keys that may be noted of a step. */
function keysOf(step: StepKey, { manifest, opening }: Connector): readonly string[] {
  const own = ruleOfStep(step).wants.map(keyOfWant);
  if (step === 'addresses' && opening?.noticeAddress === 'web_site') return [...own, 'notice_address', ...waitingKeys];
  if (step === 'products') return [...Object.keys(manifest.pay?.products ?? {}), appKind, ...waitingKeys];
  return [...own, ...waitingKeys];
}

export type Noting = {
  readonly account: string;
  readonly step: StepKey;
  readonly words: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string>>;
  readonly facts: Facts;
  /** What is open so far. */
  readonly products: readonly string[];
};

const valueMax = 200;

/** Checks what somebody notes. Done: the products that are open afterwards. */
export function checkNote(connector: Connector, noting: Noting): Result<readonly string[]> {
  const { step, words } = noting;
  const left = refuseBlanks(connector, noting);
  if (left) return { ok: false, refusal: left };
  const known = keysOf(step, connector);
  for (const [key, value] of Object.entries(words)) {
    if (!known.includes(key))
      return refuse(
        'onboarding.unknown_key',
        { step, key, known: known.join(', '), knownZh: keyWords(known) },
        `/${key}`,
      );
    const allowed = allowedOf(connector, noting, key);
    if (value.trim() === '' || value.length > valueMax || (allowed && !allowed.includes(value)))
      return unfit(connector, noting, key, value, allowed);
    if (key === 'egress' && !isAddressList(value)) return unfit(connector, noting, key, value, undefined);
    if (key.endsWith('_on') && !(/^\d{4}-\d\d-\d\d$/.test(value) && parseShanghai(value) !== undefined))
      return unfit(connector, noting, key, value, undefined);
  }
  const refusal = refuseMode(connector, noting);
  if (refusal) return { ok: false, refusal };
  return step === 'products' ? openedAfter(connector, noting) : done(noting.products);
}

/** IP addresses and networks (RFC 4632, RFC 4291 section 2.3), by commas. */
const isAddressList = (text: string): boolean => text.split(',').every((one) => isNetwork(one.trim()));

function isNetwork(text: string): boolean {
  const [address = '', bits, rest] = text.split('/');
  const most = { 4: 32, 6: 128 }[isIP(address)];
  return most !== undefined && rest === undefined && (bits === undefined || isBetween(bits, 1, most));
}

const isBetween = (digits: string, least: number, most: number): boolean =>
  /^\d{1,3}$/.test(digits) && Number(digits) >= least && Number(digits) <= most;

/** A word of ours that was left as it was printed: it would be noted as if somebody had said it. */
function refuseBlanks(connector: Connector, { account, step, words, settings }: Noting): Refusal | undefined {
  const known = { connector, account: { settings } };
  const left = Object.entries(words)
    .flat()
    .map((word) => word.trim())
    .filter(isBlank);
  if (left.length === 0) return undefined;
  const meaning = meanings(left.map((word) => blankOf(word, known) ?? { word, zh: word, en: word }));
  const written = (text: string, blank: Blank | undefined): string =>
    isBlank(text.trim()) ? String((blank ?? blankOf(text.trim(), known))?.example ?? text) : text;
  const pairs = Object.entries(words).map(([key, value]) =>
    shellWord(`${written(key, undefined)}=${written(value, factBlank(key, known))}`),
  );
  const example = `liushui accounts note ${account} ${step} ${pairs.join(' ')}`;
  const params = { words: left.join(', '), meaning: meaning.en, meaningZh: meaning.zh, example };
  return { code: 'onboarding.placeholder', params };
}

/** Somebody proposes as a term's value that there is no such term: that is noted of the step which wants it, and nobody need agree. */
export function refuseUnneeded(account: string, kind: string, value: unknown): Refusal | undefined {
  const members: readonly unknown[] = value !== null && typeof value === 'object' ? Object.values(value) : [];
  const step = stepRules.find(({ wants }) => wants.some((want: Want) => keyOfWant(want) === kind))?.key;
  if (!members.includes(notNeeded) || step === undefined || !isTermKind(kind)) return undefined;
  const { command: note, call } = noteUnneeded(account, step, kind);
  const params = { kind, kindZh: wordsOfKey(kind).zh, note, path: call.path, body: JSON.stringify(call.body) };
  return { code: 'onboarding.no_term', params };
}

const wordsOfKey = (key: string) =>
  named(key, isTermKind(key) ? labelOf(key) : (wantTexts[key] ?? { zh: key, en: key }));

const keyWords = (keys: readonly string[]): string => keys.map((key) => wordsOfKey(key).zh).join('、');

function unfit(
  connector: Connector,
  { settings }: Noting,
  key: string,
  found: string,
  allowed: readonly string[] | undefined,
): Result<never> {
  const oneOf = factBlank(key, { connector, account: { settings } })?.oneOf;
  const words = allowed?.join(' | ');
  const form = key === 'egress' ? valueForms.addresses : key.endsWith('_on') ? valueForms.date : valueForms.text;
  const told = oneOf ? choices(oneOf) : { zh: words ?? form.zh, en: words ?? form.en };
  const params = { key, keyZh: wordsOfKey(key).zh, found, allowed: told.en, allowedZh: told.zh };
  return refuse('onboarding.value_unfit', params, `/${key}`);
}

export const productStates = ['opened', 'applied', 'refused'] as const;

function allowedOf({ manifest, opening }: Connector, { step }: Noting, key: string): readonly string[] | undefined {
  if (step === 'products' && Object.hasOwn(manifest.pay?.products ?? {}, key)) return productStates;
  if (key === 'mode') return opening && Object.keys(opening.modes);
  const want = ruleOfStep(step).wants.find((one) => keyOfWant(one) === key);
  if (!want) return undefined;
  return 'term' in want ? [notNeeded] : want.oneOf;
}

/** A mode and the account's settings speak of the same merchant, and what is open is not closed by the mode. */
function refuseMode({ opening }: Connector, { words, settings, products }: Noting): Refusal | undefined {
  const mode = words['mode'];
  const rule = mode === undefined ? undefined : opening?.modes[mode];
  if (!rule || mode === undefined) return undefined;
  const { setting, forbids } = rule;
  if (setting && (settings[setting.name] !== undefined) !== setting.present)
    return {
      code: setting.present ? 'onboarding.mode_needs_setting' : 'onboarding.mode_without_setting',
      params: { mode, modeZh: `${rule.zh} ${mode}`, field: setting.name },
    };
  const forbidden = products.find((product) => forbids.includes(product));
  return forbidden === undefined
    ? undefined
    : { code: 'onboarding.mode_forbids', params: { mode, modeZh: `${rule.zh} ${mode}`, product: forbidden } };
}

/** A product that is noted as opened needs what comes before it: refused here, never when a buyer pays. */
function openedAfter(connector: Connector, { words, facts, products }: Noting): Result<readonly string[]> {
  const opened = new Set(products);
  for (const [key, value] of Object.entries(words)) {
    if (!Object.hasOwn(connector.manifest.pay?.products ?? {}, key)) continue;
    if (value === 'opened') opened.add(key);
    else opened.delete(key);
  }
  const kind = words[appKind] ?? valueOf(facts, 'products', appKind);
  const mode = valueOf(facts, 'mode', 'mode');
  const forbids = mode === undefined ? [] : (connector.opening?.modes[mode]?.forbids ?? []);
  const forbidden = [...opened].find((product) => forbids.includes(product));
  if (forbidden !== undefined && mode !== undefined)
    return refuse('onboarding.mode_forbids', { mode, product: forbidden });
  const refusal = refuseProducts(connector, {
    ...{ products: [...opened], ...(kind === undefined ? {} : { appKind: kind }) },
  });
  return refusal ? { ok: false, refusal } : done([...opened]);
}
