import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { basename, join, resolve } from 'node:path';
import { done, refuse, Secret } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { crashPointNames, readCrashAt } from './crash-points.ts';
import type { CrashAt } from './crash-points.ts';

export type Lang = 'zh' | 'en';

export type Config = {
  /** Absolute. Database, master key and the simulators' books lie here. */
  readonly dataFolder: string;
  /** Absent: the embedded PostgreSQL. */
  readonly databaseUrl?: string;
  /** Where channels and browsers reach us, without a slash at the end. Absent: nobody from outside can. */
  readonly publicUrl?: string;
  readonly lang: Lang;
  /** Absent: a file in the data folder (sandbox only). */
  readonly masterKeyFile?: string;
  readonly masterKey?: Secret;
  readonly colour: boolean;
  /** Plain lines, no redraw. */
  readonly accessible: boolean;
  readonly listen: { readonly host: string; readonly port: number };
  /** Addresses and blocks of reverse proxies whose X-Forwarded-For is believed. Absent: nobody's. */
  readonly trustedProxies?: readonly string[];
  /** The API key that the command line shows to the server. */
  readonly token?: Secret;
  readonly crashAt?: CrashAt;
};

export type ConfigSource = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly checkout: string;
  readonly asRoot: boolean;
  /** Relative paths are meant from here. */
  readonly workingFolder: string;
};

/** The only place that looks at the environment of this process. */
export function readConfigOfProcess(): Result<Config> {
  return readConfig({
    env: process.env,
    checkout: resolve(import.meta.dirname, '../../../..'),
    asRoot: process.getuid?.() === 0,
    workingFolder: process.cwd(),
  });
}

/** Two checkouts never share a database. Root's own folders are closed to the account that PostgreSQL needs, hence /var/lib. */
export function defaultDataFolder(checkout: string, asRoot: boolean): string {
  if (!asRoot) return join(checkout, '.liushui');
  const digest = createHash('sha256').update(checkout).digest('hex').slice(0, 8);
  return join('/var/lib/liushui', `${basename(checkout)}-${digest}`);
}

/** Refuses the first value that cannot be meant, with its name and rule; values that may hold a secret are not repeated. */
export function readConfig(source: ConfigSource): Result<Config> {
  const settings = new Settings(source.env);
  const masterKeyFile = settings.text('LIUSHUI_MASTER_KEY_FILE');
  const masterKey = settings.text('LIUSHUI_MASTER_KEY');
  if (masterKeyFile !== undefined && masterKey !== undefined)
    settings.bad('LIUSHUI_MASTER_KEY', '***', 'one of LIUSHUI_MASTER_KEY and LIUSHUI_MASTER_KEY_FILE');
  const listen = settings.read('LIUSHUI_LISTEN', 'host:port, e.g. 127.0.0.1:7788', readListen);
  const trustedProxies = settings.read(
    'LIUSHUI_TRUSTED_PROXIES',
    'addresses or blocks: 127.0.0.1,10.0.0.0/24',
    readBlocks,
  );
  const databaseUrl = settings.read('DATABASE_URL', 'postgres://user@host:5432/name', readDatabaseUrl);
  const publicUrl = settings.read('PUBLIC_URL', 'https://pay.example.com, no query', readPublicUrl);
  const crashAt = settings.read(
    'LIUSHUI_CRASH_AT',
    `name or name:n, one of ${crashPointNames.join(', ')}`,
    readCrashAt,
  );
  const lang = settings.read('LIUSHUI_LANG', 'zh or en', readLang) ?? langOfSystem(source.env);
  const token = settings.text('LIUSHUI_TOKEN');
  const dataFolder = settings.text('LIUSHUI_DATA');
  const path = (text: string): string => resolve(source.workingFolder, text);
  if (settings.problem) return settings.problem;
  return done({
    dataFolder: dataFolder === undefined ? defaultDataFolder(source.checkout, source.asRoot) : path(dataFolder),
    lang,
    colour: settings.text('NO_COLOR') === undefined, // no-color.org: set and not empty
    accessible: !['0', 'false', undefined].includes(settings.text('ACCESSIBLE')),
    listen: listen ?? { host: '127.0.0.1', port: 7788 },
    ...(trustedProxies !== undefined && { trustedProxies }),
    ...(databaseUrl !== undefined && { databaseUrl }),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(masterKeyFile !== undefined && { masterKeyFile: path(masterKeyFile) }),
    ...(masterKey !== undefined && { masterKey: new Secret(masterKey) }),
    ...(token !== undefined && { token: new Secret(token) }),
    ...(crashAt !== undefined && { crashAt }),
  });
}

/** Reads the variables one by one and keeps the first problem. */
class Settings {
  readonly #env: ConfigSource['env'];
  problem: Result<never> | undefined;

  constructor(env: ConfigSource['env']) {
    this.#env = env;
  }

  /** A variable that is set to nothing counts as not set. */
  text(name: string): string | undefined {
    return this.#env[name]?.trim() || undefined;
  }

  read<T>(name: string, rule: string, reader: (text: string) => T | undefined): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = reader(text);
    if (value === undefined) this.bad(name, name === 'DATABASE_URL' ? '***' : text, rule);
    return value;
  }

  bad(name: string, found: string, rule: string): void {
    this.problem ??= refuse('config.invalid', { name, found, rule });
  }
}

function readListen(text: string): Config['listen'] | undefined {
  const match = /^(\[[0-9a-f:]+\]|[^:[\]\s]+):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[2]);
  return match?.[1] !== undefined && port <= 65_535 ? { host: match[1].replace(/^\[|\]$/g, ''), port } : undefined;
}

/** One address, or a block such as 10.1.0.0/16 (RFC 4632). */
function readBlocks(text: string): string[] | undefined {
  const blocks = text.split(',').map((block) => block.trim());
  const isBlock = (block: string): boolean => {
    const [address = '', bits, rest] = block.split('/');
    const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
    return most > 0 && rest === undefined && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most));
  };
  return blocks.every(isBlock) ? blocks : undefined;
}

function readDatabaseUrl(text: string): string | undefined {
  const url = URL.parse(text);
  return url && ['postgres:', 'postgresql:'].includes(url.protocol) && url.pathname.length > 1 ? text : undefined;
}

function readPublicUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.search || url.hash || url.username) return undefined;
  return url.href.replace(/\/+$/, '');
}

function readLang(text: string): Lang | undefined {
  return text === 'zh' || text === 'en' ? text : undefined;
}

function langOfSystem(env: ConfigSource['env']): Lang {
  return /^zh/i.test(env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '') ? 'zh' : 'en';
}
