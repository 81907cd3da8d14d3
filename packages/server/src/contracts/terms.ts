import { assert } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import type { DefaultTerm, TermScene } from '../channels/contract/index.ts';
import { readValue } from './kinds.ts';
import { supposedZh } from './kinds.texts.ts';
import type { TermKind, TermValue } from './kinds.ts';

export const scenes = ['*', 'online', 'counter'] as const satisfies readonly TermScene[];

/** Every product, every scene. */
export const every = '*';

/** What a term is about: one of it is in force at a time. */
export type TermSubject = {
  readonly accountId: string;
  readonly product: string;
  readonly scene: TermScene;
  readonly kind: TermKind;
};

/** A row: what somebody read in the contract, and a second person as well. */
export type Term = TermSubject & {
  readonly value: Readonly<Record<string, string | number>>;
  readonly validFrom: Instant;
  /** Undefined: until another one begins. */
  readonly validTo: Instant | undefined;
  readonly source: string;
  readonly madeBy: string;
  /** Undefined: the sandbox let one person do both. */
  readonly approvedBy: string | undefined;
  readonly approvalId: string;
  readonly madeAt: Instant;
};

/** What holds for an account, and on whose word. */
export type Held<K extends TermKind> = {
  readonly value: TermValue<K>;
  readonly source: string;
  /** False: only the channel's default says so. */
  readonly confirmed: boolean;
  /** What it speaks of, which may be more than was asked about: `*` is every product, every scene. */
  readonly about: { readonly product: string; readonly scene: TermScene };
};

/** For a refusal: on whose word it stands. A channel's default is said in Chinese as well. */
export const sourceOf = ({ source, confirmed }: Pick<Held<TermKind>, 'source' | 'confirmed'>) =>
  confirmed ? { source } : { source, sourceZh: supposedZh };

export type AccountTerms = {
  /** The most specific one wins: product and scene, product, scene, all. Any row of the account goes before any default. */
  find<K extends TermKind>(kind: K, product: string, scene: TermScene): Held<K> | undefined;
  /** All that speak of it, the most specific first: for a kind whose members are stated one by one, such as limits. */
  all<K extends TermKind>(kind: K, product: string, scene: TermScene): readonly Held<K>[];
};

type Stated = {
  readonly product: string;
  readonly scene: TermScene;
  readonly kind: string;
  readonly value: unknown;
  readonly source: string;
};

/** What is looked up, from the most specific to the widest. */
function waysTo(product: string, scene: TermScene): [string, TermScene][] {
  return [
    [product, scene],
    [product, every],
    [every, scene],
    [every, every],
  ];
}

const keyOf = (kind: string, product: string, scene: string): string => JSON.stringify([kind, product, scene]);

/** @param rows those in force at one moment, one per subject; @param defaults the connector's, for what no row speaks of. */
export function accountTerms(rows: readonly Stated[], defaults: readonly DefaultTerm[]): AccountTerms {
  const index = (stated: readonly Stated[]): ReadonlyMap<string, Stated> =>
    new Map(stated.map((one) => [keyOf(one.kind, one.product, one.scene), one]));
  const layers = [
    { confirmed: true, stated: index(rows) },
    { confirmed: false, stated: index(defaults.filter((one) => one.alternative !== true)) },
  ];
  function* found<K extends TermKind>(kind: K, product: string, scene: TermScene): Generator<Held<K>> {
    for (const { confirmed, stated } of layers)
      for (const [aProduct, aScene] of waysTo(product, scene)) {
        const one = stated.get(keyOf(kind, aProduct, aScene));
        if (!one) continue;
        const about = { product: one.product, scene: one.scene };
        yield { value: valueOf(kind, one), source: one.source, confirmed, about };
      }
  }
  return {
    find(kind, product, scene) {
      const [nearest] = found(kind, product, scene);
      return nearest;
    },
    all: (kind, product, scene) => [...found(kind, product, scene)],
  };
}

function valueOf<K extends TermKind>(kind: K, { value, source }: Stated): TermValue<K> {
  const read = readValue(kind, value);
  assert(read.fits, `the term ${kind} of "${source}" is not as its kind wants it`);
  return read.value;
}

/** Those in force at a moment: of each subject the one that began last, unless it has ended. */
export function inForce<T extends TermSubject & Pick<Term, 'validFrom' | 'validTo'>>(
  rows: readonly T[],
  at: Instant,
): readonly T[] {
  const last = new Map<string, T>();
  for (const row of rows) {
    const key = JSON.stringify([row.accountId, row.kind, row.product, row.scene]);
    const other = last.get(key);
    if (row.validFrom <= at && (!other || other.validFrom < row.validFrom)) last.set(key, row);
  }
  return [...last.values()].filter((row) => row.validTo === undefined || row.validTo > at);
}

/**
 * The row that a new one would overlap: one that begins at the same moment, or later while the new one is not yet over. A row that began
 * earlier is none, as the new one ends it.
 */
export function overlapped<T extends Pick<Term, 'validFrom' | 'validTo'>>(
  rows: readonly T[],
  given: Pick<Term, 'validFrom' | 'validTo'>,
): T | undefined {
  return rows.find(
    ({ validFrom }) =>
      validFrom >= given.validFrom &&
      (validFrom === given.validFrom || given.validTo === undefined || given.validTo > validFrom),
  );
}
