import { createHash } from 'node:crypto';
import { Client } from 'pg';

type Query = (this: Client, text: unknown, values?: unknown, ...rest: unknown[]) => unknown;

/**
 * Lets the driver name every statement, so that the server plans each text once for a connection instead of every time: a story makes a
 * thousand small statements, and planning them takes longer than running them. Returns what undoes it.
 */
export function planStatementsOnce(): () => void {
  const prototype = Client.prototype as unknown as { query: Query };
  const plain = prototype.query;
  const names = new Map<string, string>();
  prototype.query = function (text, values, ...rest) {
    if (typeof text !== 'string' || !Array.isArray(values) || values.length === 0)
      return plain.call(this, text, values, ...rest);
    const name = names.get(text) ?? createHash('sha1').update(text).digest('hex');
    names.set(text, name);
    return plain.call(this, { name, text, values }, ...rest);
  };
  return () => {
    prototype.query = plain;
  };
}
