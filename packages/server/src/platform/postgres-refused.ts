import type { RefusalParams } from '../kernel/index.ts';

/** Why the program cannot start with this database, in words that say how to go on. It is met before there is anybody to return a refusal to. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
  readonly code: string;
  readonly params: RefusalParams;

  constructor(code: string, message: string, params: RefusalParams = {}) {
    super(message);
    this.code = code;
    this.params = params;
  }
}

export const useYourOwnServer =
  'or name a PostgreSQL server of your own (15 or later): DATABASE_URL=postgres://user:password@host:5432/liushui';
