import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { listAccounts, listMerchants } from '../accounts/index.ts';
import { everyMerchant } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { optionMissing } from './option-missing.ts';
import { text } from './session.ts';
import type { Options, Session } from './session.ts';

/** The merchant that is meant: named, or the only one that this person is bound to. */
export async function merchantMeant({ db, actor }: Session, options: Options): Promise<Result<string>> {
  const named = text(options, 'merchant');
  if (named !== undefined) return done(named);
  const known = actor.merchants.includes(everyMerchant) ? await listMerchants(db) : actor.merchants;
  const [only] = known;
  if (only !== undefined && known.length === 1) return done(only);
  return optionMissing('--merchant', known.join(' | '));
}

/** The channel account that is meant: named, or the merchant's only one. */
export async function accountMeant({ db }: Session, merchant: string, options: Options): Promise<Result<string>> {
  const named = text(options, 'account');
  if (named !== undefined) return done(named);
  const accounts = await listAccounts(db, [merchant]);
  const [only] = accounts;
  if (only && accounts.length === 1) return done(only.id);
  const ids = accounts.map((account) => account.id).join(' | ');
  return optionMissing('--account', ids);
}

export function merchantsSeen(actor: Actor): readonly string[] | 'all' {
  return actor.merchants.includes(everyMerchant) ? 'all' : actor.merchants;
}

export type InputFile = { readonly name: string; readonly bytes: Uint8Array };

/** A file, or standard input for `-`. */
export async function readInput(path: string): Promise<Result<InputFile>> {
  try {
    const bytes = path === '-' ? await buffer(process.stdin) : await readFile(path);
    return done({ name: path === '-' ? 'stdin' : basename(path), bytes });
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? String(error);
    return refuse('import.file_unreadable', { file: path, why }, 'FILE');
  }
}

/** The merchants that this person may look at, by name. */
export async function merchantsOf({ db, actor }: Session): Promise<readonly string[]> {
  return actor.merchants.includes(everyMerchant) ? listMerchants(db) : actor.merchants;
}
