import type { Words } from '../platform/story/index.ts';
import { caseKinds } from './kinds.data.ts';
import type { CaseKindName } from './kinds.data.ts';

/** What a case is about, in words; of a kind that this program does not know, its name. */
export function caseWords(kind: string): Words {
  return Object.hasOwn(caseKinds, kind) ? caseKinds[kind as CaseKindName] : { zh: kind, en: kind };
}
