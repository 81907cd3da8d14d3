import type { MoneyMoved, Retry } from '../kernel/index.ts';

/**
 * One refusal, told once for console, command line and API: what happened, what it means for money or work, the way out
 * (user experience, errors). `{name}` takes a parameter, `{name|count}` and `{name|time}` format it; a part in [brackets]
 * appears only when its parameters were given.
 */
export type CatalogueEntry = {
  readonly http: number;
  readonly money: MoneyMoved;
  readonly retry: Retry;
  /** The same for every occurrence (RFC 9457 §3.1.3). */
  readonly title: string;
  readonly zh: string;
  readonly en: string;
  readonly wayOutZh: string;
  readonly wayOutEn: string;
};

export type CatalogueEntries = Readonly<Record<string, CatalogueEntry>>;

/** Keeps the sentences as literal types, from which the parameters of each code are read. */
export function defineRefusals<const Entries extends CatalogueEntries>(entries: Entries): Entries {
  return entries;
}

type InBrackets<Text extends string> = Text extends `${string}[${infer Part}]${infer Rest}`
  ? Part | InBrackets<Rest>
  : never;
type OutsideBrackets<Text extends string> = Text extends `${infer Before}[${string}]${infer Rest}`
  ? `${Before}${OutsideBrackets<Rest>}`
  : Text;
type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;
type NameOf<Placeholder extends string> = Placeholder extends `${infer Name}|${string}` ? Name : Placeholder;
type ValueOf<Placeholder extends string> = Placeholder extends `${string}|${string}` ? number : string | number;

type NeededIn<Text extends string> = Placeholders<OutsideBrackets<Text>>;
type UsableIn<Text extends string> = Placeholders<InBrackets<Text>>;

/** What an entry's sentences need, and what they can use. */
export type ParamsOfEntry<Entry extends CatalogueEntry> = {
  readonly [Each in NeededIn<`${Entry['en']} ${Entry['wayOutEn']}`> as NameOf<Each>]: ValueOf<Each>;
} & {
  readonly [Each in UsableIn<`${Entry['en']} ${Entry['wayOutEn']}`> as NameOf<Each>]?: ValueOf<Each>;
};
