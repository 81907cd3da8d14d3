import type { Refusal } from '../kernel/index.ts';

/** What a caller sent is told back at this length at most. */
const toldMax = 200;

export function told(text: string): string {
  return text.length > toldMax ? `${text.slice(0, toldMax)}…` : text;
}

export function badInput(field: string, value: string, problem?: string): Refusal {
  const params = { field, value: told(value), ...(problem === undefined ? {} : { problem }) };
  return { code: 'usage.bad_input', params, pointer: `/${field}` };
}
