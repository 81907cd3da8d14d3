/**
 * Characters that a terminal acts on instead of showing them: C0, DEL and C1 (ISO/IEC 6429), and what turns the direction of writing (Unicode
 * UAX #9, 2: explicit embeddings, overrides and isolates).
 */
const acting = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;
const eachActing = new RegExp(acting, 'gu');

export const isOneLine = (text: string): boolean => !acting.test(text);

/** One sign stands for each, so that columns keep their width and a reader sees that something was there. */
export const shownOnOneLine = (text: string): string => text.replace(eachActing, '\ufffd');
