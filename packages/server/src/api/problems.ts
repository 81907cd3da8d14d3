import type { Refusal } from '../kernel/index.ts';
import { problemOf } from '../platform/refusals.ts';
import type { Problem } from '../platform/refusals.ts';

/** What a caller sent is told back at this length at most. */
const toldMax = 200;

/** A problem whose HTTP status says more than the catalogue's, such as 404 for an address that does not exist. */
export function problemWith(refusal: Refusal, requestId: string, status?: number): Problem {
  const problem = problemOf(refusal, requestId);
  return status === undefined ? problem : { ...problem, status };
}

export function badInput(field: string, value: string, problem?: string): Refusal {
  const told = value.length > toldMax ? `${value.slice(0, toldMax)}…` : value;
  const params = { field, value: told, ...(problem === undefined ? {} : { problem }) };
  return { code: 'usage.bad_input', params, pointer: `/${field}` };
}
