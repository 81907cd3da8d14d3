import type { Result } from '../kernel/index.ts';
import { refuseAs } from '../platform/refusals.ts';

/** An option that the command cannot do without was not given; `example` is a value, or those to choose from. */
export const optionMissing = (option: string, example = ''): Result<never> =>
  refuseAs('usage.option_missing', { option, ...(example === '' ? {} : { example }) }, option);
