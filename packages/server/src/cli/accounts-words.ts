import { done, parseShanghai, refuse, Secret } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { flagOf, formOf } from '../accounts/index.ts';
import type { OldUntil } from '../accounts/index.ts';
import type { Manifest, SecretField } from '../channels/contract/index.ts';
import { accountsTexts as t } from './accounts.texts.ts';
import type { Words } from './answer.ts';
import { tableOfWords } from './layout.ts';
import { readInput } from './scope.ts';
import { text } from './session.ts';
import type { Options, Session } from './session.ts';

type Texts = Readonly<Record<string, string>>;

/** What `--setting`, `--secret-file` and their like say of an account. */
export type AccountWords = { readonly settings: Texts; readonly secrets: Texts };

export async function readAccountWords(options: Options): Promise<Result<AccountWords>> {
  const settings = readPairs(options, 'setting', '--setting');
  if (!settings.ok) return settings;
  const files = readPairs(options, 'secretFile', '--secret-file');
  if (!files.ok) return files;
  const secrets = await readSecrets(files.value);
  return secrets.ok ? done({ settings: settings.value, secrets: secrets.value }) : secrets;
}

/** `name=value` words as a record; refuses a word without a name, and a name that is said twice. */
function readPairs(options: Options, name: string, flag: string): Result<Texts> {
  const pairs = new Map<string, string>();
  for (const word of (options[name] ?? []) as readonly string[]) {
    const cut = word.indexOf('=');
    const key = word.slice(0, cut);
    if (cut < 1 || pairs.has(key)) {
      const problem = cut < 1 ? 'name=value' : `${key} once`;
      return refuse('usage.bad_input', { field: flag, value: word, problem }, flag);
    }
    pairs.set(key, word.slice(cut + 1));
  }
  return done(Object.fromEntries(pairs));
}

/** Secrets come from files, or one of them from standard input: what is typed stays in the shell's history. */
async function readSecrets(files: Texts): Promise<Result<Texts>> {
  const fromInput = Object.keys(files).filter((name) => files[name] === '-');
  if (fromInput.length > 1) {
    const problem = '- once: standard input is read one time';
    return refuse('usage.bad_input', { field: '--secret-file', value: fromInput.join(' '), problem }, '--secret-file');
  }
  const texts: Record<string, string> = {};
  for (const [name, file] of Object.entries(files)) {
    const read = await readInput(file);
    if (!read.ok) return read;
    texts[name] = Buffer.from(read.value.bytes).toString('utf8').trim();
  }
  return done(texts);
}

export const sealed = (texts: Texts): Record<string, Secret> =>
  Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, new Secret(value)]));

/** What the second person agrees to names the secrets by their keyed digests: the approval must not hold them. */
export const digestsOf = ({ tokens }: Session, texts: Texts): Record<string, string> =>
  Object.fromEntries(
    Object.entries(texts).map(([name, value]) => [name, Buffer.from(tokens.digest('token', value)).toString('hex')]),
  );

/** `now`, or a moment in Beijing. */
export function readOldUntil(options: Options): Result<OldUntil | undefined> {
  const said = text(options, 'oldUntil');
  if (said === undefined || said === 'now') return done(said);
  const at = parseShanghai(said);
  if (at !== undefined) return done(at);
  return refuse(
    'usage.bad_input',
    { field: '--old-until', value: said, problem: 'now | 2026-04-01 18:00' },
    '--old-until',
  );
}

/** What the account has of a field now; absent where none is added yet. */
export type Held = { readonly settings: Texts; readonly secrets: readonly string[] };

type Lang = 'zh' | 'en';

const whenOf = ({ neededWhen }: Pick<SecretField, 'neededWhen'>, lang: Lang): string | undefined =>
  neededWhen && t.neededWhen(`${neededWhen.setting}=${neededWhen.oneOf.join(' | ')}`)[lang];

/** Everything that a channel wants of an account, with what is filled in where nothing is given. */
export function wantedLines({ settings, secrets }: Manifest, defaults: Texts, held?: Held): Words[] {
  const rows = (lang: Lang): string[][] => [
    ...settings.map((field) => [
      ...[flagOf('setting', field.name), lang === 'zh' ? field.labelZh : field.labelEn],
      ...[field.required ? t.needed[lang] : (whenOf(field, lang) ?? ''), formOf(field)[lang]],
      held ? (held.settings[field.name] ?? '') : (defaults[field.name] ?? field.default ?? ''),
    ]),
    ...secrets.map((field) => [
      ...[flagOf('secret', field.name), lang === 'zh' ? field.labelZh : field.labelEn],
      ...[
        whenOf(field, lang) ?? t.needed[lang],
        t.fileForm[lang],
        held?.secrets.includes(field.name) === true ? t.there[lang] : '',
      ],
    ]),
  ];
  return tableOfWords(held ? t.heldHeads : t.wantedHeads, rows);
}

const wishOf = ({ neededWhen }: Pick<SecretField, 'neededWhen'>) =>
  neededWhen ? { setting: neededWhen.setting, one_of: neededWhen.oneOf } : null;

/** The same for programs. */
export function wantedJson({ settings, secrets }: Manifest, defaults: Texts): Record<string, unknown> {
  const labels = ({ labelZh: zh, labelEn: en }: { readonly labelZh: string; readonly labelEn: string }) => ({ zh, en });
  return {
    settings: settings.map((field) => ({
      ...{ name: field.name, words: labels(field), required: field.required, pattern: field.pattern },
      ...{ form: formOf(field), needed_when: wishOf(field) },
      ...(field.oneOf ? { one_of: field.oneOf } : {}),
      default: defaults[field.name] ?? field.default ?? null,
    })),
    secrets: secrets.map((field) => ({
      ...{ name: field.name, words: labels(field) },
      needed_when: wishOf(field),
    })),
  };
}
