import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Complaint } from './rule.ts';

/** What a module of the refusal catalogue exports. */
export type CatalogueModule = { readonly path: string; readonly exported: unknown };
type Entry = { readonly path: string; readonly code: string; readonly fields: Readonly<Record<string, unknown>> };

const catalogue = 'packages/server/src/platform/refusals';
const rule = 'catalogue';

/** The catalogue's files: `refusals.ts`, `refusals-*.ts` and the folder `refusals/`. */
export async function readCatalogues(root: string): Promise<readonly CatalogueModule[]> {
  const folder = join(root, catalogue);
  const parent = join(folder, '..');
  const inFolder = existsSync(folder) ? readdirSync(folder).map((name) => `${catalogue}/${name}`) : [];
  const beside = existsSync(parent) ? readdirSync(parent).filter((name) => /^refusals[^/]*\.ts$/.test(name)) : [];
  const paths = [...inFolder, ...beside.map((name) => `packages/server/src/platform/${name}`)];
  const modules: CatalogueModule[] = [];
  for (const path of paths.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')))
    modules.push({ path, exported: { ...((await import(pathToFileURL(join(root, path)).href)) as object) } });
  return modules;
}

/** An entry is an object with an HTTP status, wherever it stands; its code is its own field or the key it stands under. */
function entriesIn(path: string, key: string, value: unknown): readonly Entry[] {
  if (typeof value !== 'object' || value === null) return [];
  if (value instanceof Map) return [...value].flatMap(([name, item]) => entriesIn(path, String(name), item));
  const fields = value as Readonly<Record<string, unknown>>;
  if (typeof fields['http'] === 'number') {
    const code = typeof fields['code'] === 'string' ? fields['code'] : key;
    return [{ path, code, fields }];
  }
  return Object.entries(fields).flatMap(([name, item]) => entriesIn(path, name, item));
}

const han = /\p{Script=Han}/u;
const isChinese = (text: unknown): boolean => typeof text === 'string' && han.test(text);
const isEnglish = (text: unknown): boolean => typeof text === 'string' && text.trim() !== '' && !han.test(text);

const needed = [
  { field: 'zh', isThere: isChinese, instead: 'say in Chinese what happened' },
  { field: 'en', isThere: isEnglish, instead: 'say in English what happened' },
  { field: 'wayOutZh', isThere: isChinese, instead: 'say in Chinese how to go on' },
  { field: 'wayOutEn', isThere: isEnglish, instead: 'say in English how to go on' },
];

export function catalogueComplaints(modules: readonly CatalogueModule[]): readonly Complaint[] {
  return modules
    .flatMap(({ path, exported }) => entriesIn(path, '', exported))
    .flatMap(({ path, code, fields }) =>
      needed
        .filter(({ field, isThere }) => !isThere(fields[field]))
        .map(({ field, instead }) => ({ rule, path, line: 0, found: `${code} has no ${field}`, instead })),
    );
}
