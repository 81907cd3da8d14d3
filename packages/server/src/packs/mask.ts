import { maskText } from '../platform/story/index.ts';
import { familyOf, labelledHan, labelledLatin, labelledNo, notNames } from './mask.data.ts';

/**
 * People in a text of customs or a channel: the family name and the last four of a number stay. It finds names behind their labels only; a
 * text that names somebody without one cannot be told from any other text.
 */
export function maskPeople(text: string): string {
  const numbers = maskText(text).replace(labelledNo, (_, before: string, no: string) => `${before}****${no.slice(-4)}`);
  return numbers
    .replace(labelledHan, (whole: string, before: string, name: string) =>
      notNames.test(name) ? whole : `${before}${familyOf.exec(name)?.[0] ?? ''}**`,
    )
    .replace(labelledLatin, '$1$2 **');
}
