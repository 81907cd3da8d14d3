import type { BusinessDate } from '../kernel/index.ts';
import { entry } from './entry.ts';
import type { EntryDraft, Line, Origin } from './entry.ts';
import { mirrorOf } from './journeys.ts';

/** An entry as it was booked. */
export type BookedEntry = {
  readonly bucket: number;
  readonly merchantId: string;
  readonly subject: string;
  readonly source: string;
  readonly businessDate: BusinessDate;
  readonly lines: readonly Line[];
};

/** Who corrects, why it is known, and what would have been right; no lines: it should not have been booked at all. */
export type Correction = {
  readonly actor: string;
  readonly right: { readonly kind: string; readonly lines: readonly Line[] } | undefined;
};

/**
 * 冲正: nothing booked is ever changed. The mirror takes the wrong entry back and the right one is booked anew, both dated today and
 * belonging to the old day. The sources follow from the wrong one, so it is corrected once; what was wrong again is corrected in its turn.
 */
export function correct(wrong: BookedEntry, { actor, right }: Correction): EntryDraft[] {
  const { bucket, merchantId, subject, businessDate: belongsTo } = wrong;
  const origin: Origin = { bucket, merchantId, subject, actor };
  const back = entry(origin, {
    ...{ kind: 'reversal', source: `${wrong.source}:reversed`, force: 'fact' },
    lines: mirrorOf(wrong.lines),
    reverses: wrong.source,
    belongsTo,
  });
  if (!right) return [back];
  const { kind, lines } = right;
  return [back, entry(origin, { kind, lines, source: `${wrong.source}:corrected`, force: 'fact', belongsTo })];
}
