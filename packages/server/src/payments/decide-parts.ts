import type { Ids } from '../platform/ids.ts';
import type { PolicyOf } from './policy.ts';

/** What decisions may ask besides the order: contracts and manifests, and ids for what is born. */
export type DecideParts = { readonly policyOf: PolicyOf; readonly ids: Ids };
