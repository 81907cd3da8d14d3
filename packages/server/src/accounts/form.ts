import { shownOnOneLine } from '../kernel/index.ts';
import type { Refusal, Secret } from '../kernel/index.ts';
import type { Manifest, SecretField, SettingField } from '../channels/contract/index.ts';
import { formTexts as t } from './form.texts.ts';

type Words = { readonly zh: string; readonly en: string };
type Settings = Readonly<Record<string, string>>;

export type ReadForm = {
  /** Those that fit, with the defaults filled in. */
  readonly settings: Settings;
  /** Everything that is wrong, not only the first: whoever fills in a form reads it once. */
  readonly problems: readonly Refusal[];
};

/** Holds settings and secrets against what the channel's manifest asks for. */
export function readForm(
  manifest: Manifest,
  given: { readonly settings: Settings; readonly secrets: Readonly<Record<string, Secret>> },
): ReadForm {
  const problems: Refusal[] = [];
  const settings: Record<string, string> = {};
  for (const field of manifest.settings) {
    const value = given.settings[field.name] ?? field.default ?? '';
    const problem = settingProblem(field, value);
    if (problem) problems.push(problem);
    else if (value !== '') settings[field.name] = value;
  }
  for (const field of manifest.settings)
    if (field.neededWhen && isNeeded(field, settings) && (given.settings[field.name] ?? field.default ?? '') === '')
      problems.push(settingMissing(field));
  problems.push(...strangers('settings', given.settings, manifest.settings));
  for (const field of manifest.secrets)
    if (isUnfilled(given.secrets[field.name], isNeeded(field, settings))) problems.push(secretMissing(field));
  problems.push(...strangers('secrets', given.secrets, manifest.secrets));
  return { settings, problems };
}

function settingProblem(field: SettingField, value: string): Refusal | undefined {
  if (value === '') return field.required ? settingMissing(field) : undefined;
  const fits = new RegExp(field.pattern).test(value) && (!field.oneOf || field.oneOf.includes(value));
  if (fits) return undefined;
  const { params, ...rest } = settingMissing(field);
  return { ...rest, code: 'account.setting_invalid', params: { ...params, found: value } };
}

function settingMissing(field: SettingField): Refusal {
  const { name, labelEn: label, labelZh } = field;
  const form = formOf(field);
  return {
    ...{ code: 'account.setting_missing', pointer: `/settings/${name}` },
    params: { field: name, label, labelZh, allowed: form.en, allowedZh: form.zh },
  };
}

const secretMissing = ({ name, labelEn: label, labelZh }: SecretField): Refusal => ({
  code: 'account.secret_missing',
  params: { field: name, label, labelZh },
  pointer: `/secrets/${name}`,
});

function strangers(
  kind: 'settings' | 'secrets',
  given: Readonly<Record<string, unknown>>,
  fields: readonly { readonly name: string }[],
): Refusal[] {
  const known = fields.map(({ name }) => name);
  return Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((field) => ({
      code: 'account.field_unknown',
      params: { field, known: known.join(', ') },
      pointer: `/${kind}/${field}`,
    }));
}

/** An empty secret that is not needed is wrong, too: whatever is signed or sealed with nothing, anybody could have made. */
const isUnfilled = (secret: Secret | undefined, needed: boolean): boolean => (secret ? secret.isEmpty() : needed);

/** Whether an account with these settings needs this setting or secret. */
export function isNeeded({ neededWhen }: Pick<SecretField, 'neededWhen'>, settings: Settings): boolean {
  return !neededWhen || neededWhen.oneOf.includes(settings[neededWhen.setting] ?? '');
}

/** One thing that is wrong is said as it is; several are one refusal, with a line for each. */
export function together(problems: readonly Refusal[]): Refusal | undefined {
  if (problems.length < 2) return problems[0];
  const said = (lang: 'zh' | 'en'): string => problems.map((one) => `\n  ${lineOf(one)[lang]}`).join('');
  const fields = problems.map(({ pointer = '' }) => pointer).join(', ');
  const params = { count: problems.length, problems: said('en'), problemsZh: said('zh'), fields };
  return { code: 'account.form_unfit', params };
}

function lineOf({ code, params, pointer = '' }: Refusal): Words {
  const of = (name: string): Words => {
    const en = shownOnOneLine(String(params[name] ?? ''));
    return { en, zh: shownOnOneLine(String(params[`${name}Zh`] ?? en)) };
  };
  const [label, allowed, field] = [of('label'), of('allowed'), of('field').en];
  const flag = flagOf(pointer.startsWith('/settings/') ? 'setting' : 'secret', field);
  const inBoth = (say: (lang: 'zh' | 'en') => Words): Words => ({ zh: say('zh').zh, en: say('en').en });
  switch (code) {
    case 'account.setting_missing':
      return inBoth((lang) => t.missing(flag, label[lang], allowed[lang]));
    case 'account.secret_missing':
      return inBoth((lang) => t.secretMissing(flag, label[lang]));
    case 'account.secret_unreadable':
      return inBoth((lang) => t.secretUnreadable(flag, label[lang], allowed[lang]));
    case 'account.field_unknown':
      return t.stranger(flag, of('known').en);
    default:
      return inBoth((lang) => t.unfit(flag, label[lang], of('found').en, allowed[lang]));
  }
}

/** How a field is given on the command line. */
export const flagOf = (kind: 'setting' | 'secret', name: string): string =>
  kind === 'setting' ? `--setting ${name}=…` : `--secret-file ${name}=FILE`;

/** What a value may look like, for people: `2088 + 12 digits`. A pattern that is too clever for that is shown as it is. */
export function formOf(field: Pick<SettingField, 'pattern' | 'oneOf' | 'formZh' | 'formEn'>): Words {
  const { pattern, oneOf, formZh, formEn = formZh } = field;
  if (formZh !== undefined && formEn !== undefined) return { zh: formZh, en: formEn };
  const same = (text: string): Words => ({ zh: text, en: text });
  if (oneOf) return same(oneOf.join(' | '));
  const whole = pattern.replace(/^\^|\$$/g, '');
  if (whole.startsWith('https?://')) return t.address;
  const parts = [...whole.matchAll(piece)];
  if (parts.map(([text]) => text).join('') !== whole) return same(pattern);
  const said = parts.map(([text, letters, least = '1', most]): Words => {
    if (letters === undefined) return same(text);
    const count = most === undefined ? least : `${least}–${most}`;
    return letters === '\\d' ? t.digits(count) : t.letters(count, letters.slice(1, -1));
  });
  return { zh: said.map(({ zh }) => zh).join(' + '), en: said.map(({ en }) => en).join(' + ') };
}

/** Letters as they are, or a kind of letter with how often it comes. */
const piece = /[A-Za-z0-9_]+|(\\d|\[[A-Za-z0-9-]+\])(?:\{(\d+)(?:,(\d+))?\})?/g;
