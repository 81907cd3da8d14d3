import { createHmac, createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { assert, days, plus, shanghaiDate } from '../kernel/index.ts';
import type { Clock, Instant, Secret } from '../kernel/index.ts';
import type { Ids, RandomBytes } from './ids.ts';
import type { MasterKey } from './keys-master.ts';
import { contextOf, keyIdOf, seal, unseal } from './seal.ts';
import type { SealedPlace } from './seal.ts';

/** What is sealed together and erased together. */
export const sealClasses = ['personal', 'exchange', 'credential'] as const;
export type SealClass = (typeof sealClasses)[number];
/** Equality search over sealed values: one digest key per kind of value, valid for ever. */
const digestClasses = ['id_no', 'person_name', 'phone', 'bank_account', 'token'] as const;
export type DigestClass = (typeof digestClasses)[number];

/** A row of `data_keys`. `wrapped` is empty once the key was erased: the row stays as proof that there was one. */
export type DataKeyRow = {
  readonly id: string;
  readonly month: string;
  readonly class: string;
  readonly wrapped: Uint8Array;
  readonly createdAt: Instant;
};

export type KeyStore = {
  all(): Promise<readonly DataKeyRow[]>;
  /**
   * Adds the rows whose (month, class) is not taken yet; the others lost the race and are dropped. So are rows that are wrapped by another
   * master key than the rows there are: the key was changed meanwhile.
   */
  add(rows: readonly DataKeyRow[]): Promise<void>;
  /** Empties `wrapped` for ever. */
  erase(month: string, keyClass: string): Promise<void>;
};

export type Opened<T> =
  | { readonly kind: 'opened'; readonly value: T }
  /** Its key was erased on purpose: nobody can read it any more. */
  | { readonly kind: 'erased' }
  /** Changed, moved from another place, or sealed under a key that we do not have. */
  | { readonly kind: 'broken'; readonly why: string };

export type Keyring = {
  /** Makes and loads the keys for this moment and the day after it. To be awaited before sealing; free when they are there. */
  prepare(at: Instant): Promise<void>;
  /** Reads the store again when one of these was sealed under a key that another process made meanwhile. */
  loadFor(sealed: readonly Uint8Array[]): Promise<void>;
  sealBytes(keyClass: SealClass, content: Uint8Array, place: SealedPlace): Uint8Array;
  sealText(keyClass: SealClass, text: string | Secret, place: SealedPlace): Uint8Array;
  openBytes(sealed: Uint8Array, place: SealedPlace): Opened<Uint8Array>;
  openText(sealed: Uint8Array, place: SealedPlace): Opened<string>;
  /** HMAC-SHA-256 of the normal form (RFC 2104), for equality search over sealed values. 32 bytes. */
  digestKeyed(digestClass: DigestClass, normalForm: string | Secret): Uint8Array;
  /** `month class` of the keys that sealing at this moment, or a day later, would need and that are not there. Makes none. */
  lacking(at: Instant): Promise<readonly string[]>;
  /** Erases a month's key: what it sealed is unreadable from now on, also in backups; rows and seals over them stay. */
  erase(month: string, keyClass: SealClass): Promise<void>;
};

export type KeyringParts = {
  readonly master: MasterKey;
  readonly store: KeyStore;
  readonly ids: Ids;
  readonly random: RandomBytes;
  readonly clock: Clock;
};

/** Digest keys belong to no month: a digest must be the same next year. */
const everyMonth = 'all';
const digestKeyClass = (digestClass: DigestClass): string => `digest:${digestClass}`;

/** The month whose keys seal at this moment, `yyyy-mm` in Beijing. */
function keyMonthOf(at: Instant): string {
  return shanghaiDate(at).slice(0, 7);
}

function monthsAround(at: Instant): string[] {
  return [...new Set([keyMonthOf(at), keyMonthOf(plus(at, days(1)))])];
}

export function createKeyring(parts: KeyringParts): Keyring {
  const keys = new LoadedKeys(parts);
  const openBytes = (sealed: Uint8Array, place: SealedPlace): Opened<Uint8Array> => {
    const id = keyIdOf(sealed);
    if (id === undefined) return { kind: 'broken', why: 'these bytes are no seal' };
    const key = keys.byId(id);
    if (key === undefined) return { kind: 'broken', why: `key ${id} is not in the store` };
    if (key === 'erased') return { kind: 'erased' };
    const value = unseal(key, sealed, contextOf(place));
    return value ? { kind: 'opened', value } : { kind: 'broken', why: 'content or place differs from what was sealed' };
  };
  const sealBytes: Keyring['sealBytes'] = (keyClass, content, place) => {
    const { id, key } = keys.current(keyMonthOf(parts.clock.now()), keyClass);
    return seal(key, id, content, contextOf(place), parts.random);
  };
  return {
    prepare: (at) => keys.prepare(monthsAround(at)),
    lacking: (at) => keys.lacking(monthsAround(at)),
    async loadFor(sealed) {
      if (sealed.some((one) => keys.byId(keyIdOf(one) ?? '') === undefined)) await keys.load();
    },
    sealBytes,
    sealText: (keyClass, text, place) =>
      sealBytes(keyClass, Buffer.from(typeof text === 'string' ? text : text.reveal()), place),
    openBytes,
    openText(sealed, place) {
      const opened = openBytes(sealed, place);
      return opened.kind === 'opened' ? { kind: 'opened', value: Buffer.from(opened.value).toString('utf8') } : opened;
    },
    digestKeyed(digestClass, normalForm) {
      const { key } = keys.current(everyMonth, digestKeyClass(digestClass));
      return new Uint8Array(
        createHmac('sha256', key)
          .update(typeof normalForm === 'string' ? normalForm : normalForm.reveal())
          .digest(),
      );
    },
    async erase(month, keyClass) {
      await parts.store.erase(month, keyClass);
      await keys.load();
    },
  };
}

type Current = { readonly id: string; readonly key: KeyObject };

class LoadedKeys {
  readonly #parts: KeyringParts;
  #byId = new Map<string, KeyObject | 'erased'>();
  #byMonth = new Map<string, string>();
  /** A wrapped key of the store: new ones are wrapped as this one is. */
  #like: Uint8Array | undefined;

  constructor(parts: KeyringParts) {
    this.#parts = parts;
  }

  byId(id: string): KeyObject | 'erased' | undefined {
    return this.#byId.get(id);
  }

  current(month: string, keyClass: string): Current {
    const id = this.#byMonth.get(`${month} ${keyClass}`);
    const key = id === undefined ? undefined : this.#byId.get(id);
    assert(id !== undefined && key !== undefined, `no key for ${keyClass} in ${month}: prepare() was not awaited`);
    assert(key !== 'erased', `the key for ${keyClass} in ${month} was erased: nothing may be sealed there any more`);
    return { id, key };
  }

  async prepare(months: readonly string[]): Promise<void> {
    // Twice, because the master key may change between looking and adding.
    for (let turn = 1; turn <= 2 && this.#missing(months).length > 0; turn++) {
      await this.load();
      const missing = this.#missing(months);
      if (missing.length === 0) return;
      await this.#parts.store.add(await Promise.all(missing.map((one) => this.#newRow(one))));
      await this.load();
    }
  }

  async #newRow([rowMonth, keyClass]: readonly [string, string]): Promise<DataKeyRow> {
    const { master, ids, random, clock } = this.#parts;
    const id = ids.next();
    const wrapped = await master.wrap(random(32), keyContext(id, rowMonth, keyClass), random, this.#like);
    return { id, month: rowMonth, class: keyClass, wrapped, createdAt: clock.now() };
  }

  async load(): Promise<void> {
    const byId = new Map<string, KeyObject | 'erased'>();
    const byMonth = new Map<string, string>();
    const rows = await this.#parts.store.all();
    this.#like = rows.find((row) => row.wrapped.length > 0)?.wrapped;
    for (const row of rows) {
      byMonth.set(`${row.month} ${row.class}`, row.id);
      byId.set(row.id, this.#byId.get(row.id) ?? 'erased');
      if (row.wrapped.length === 0) byId.set(row.id, 'erased');
      else if (byId.get(row.id) === 'erased') byId.set(row.id, await openRow(this.#parts.master, row));
    }
    this.#byId = byId;
    this.#byMonth = byMonth;
  }

  async lacking(months: readonly string[]): Promise<string[]> {
    await this.load();
    return this.#missing(months).map((one) => one.join(' '));
  }

  #missing(months: readonly string[]): (readonly [string, string])[] {
    const wanted = [
      ...months.flatMap((month) => sealClasses.map((keyClass) => [month, keyClass] as const)),
      ...digestClasses.map((digestClass) => [everyMonth, digestKeyClass(digestClass)] as const),
    ];
    return wanted.filter(([rowMonth, keyClass]) => !this.#byMonth.has(`${rowMonth} ${keyClass}`));
  }
}

async function openRow(master: MasterKey, row: DataKeyRow): Promise<KeyObject> {
  const raw = await master.unwrap(row.wrapped, keyContext(row.id, row.month, row.class));
  assert(raw, `data key ${row.month} ${row.class} does not open with master key ${master.fingerprint}`);
  return createSecretKey(raw);
}

/** What a wrapped data key is bound to. */
export function keyContext(id: string, month: string, keyClass: string): string {
  return JSON.stringify([id, month, keyClass]);
}

export type KeysCheck = {
  /** To be compared with the note in the safe; it tells nothing about the key. */
  readonly fingerprint: string;
  readonly opened: number;
  readonly erased: number;
  /** `month class` of the keys that this master key does not open. */
  readonly closed: readonly string[];
};

/** Does this master key open every data key? For `liushui keys check` and `doctor`. */
export async function checkKeys(master: MasterKey, store: KeyStore): Promise<KeysCheck> {
  const rows = await store.all();
  const alive = rows.filter((row) => row.wrapped.length > 0);
  const opened = await Promise.all(
    alive.map(async (row) => master.unwrap(row.wrapped, keyContext(row.id, row.month, row.class))),
  );
  const closed = alive.filter((_row, index) => !opened[index]);
  return {
    fingerprint: master.fingerprint,
    opened: alive.length - closed.length,
    erased: rows.length - alive.length,
    closed: closed.map((row) => `${row.month} ${row.class}`),
  };
}
