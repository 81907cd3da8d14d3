import { generateKeyPair } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { assert, done } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { listMerchants } from '../accounts/index.ts';
import { allowed, systemActor, writeAudit } from '../identity/index.ts';
import type { Actor, AuditEntry, Stamp } from '../identity/index.ts';
import type { PaymentParts, SignUpWish, SimulatedContract } from '../payments/index.ts';
import { nextNumbers } from '../platform/counters.ts';
import type { Database, Tx } from '../platform/db.ts';
import type { RandomBytes } from '../platform/ids.ts';
import { refuseAs } from '../platform/refusals.ts';
import { signUpSides } from './sign-up-sides.ts';
import type { KeyPair, SignUpSide } from './sign-up-sides.ts';
import { contractPaper } from './sign-up.texts.ts';
import { tellSimulator } from './simulated-channel.ts';
import { addressOfSimulator } from './simulators.ts';

export type SignUpParts = {
  readonly payments: PaymentParts;
  readonly dataFolder: string;
  readonly random: RandomBytes;
};

/** The name of the paper among the files that a contract leaves; every other file is a secret. */
const paperFile = 'contract.txt';

/**
 * The simulated channel signs a contract: it knows a new merchant from then on, and what a real one would hand out lies in a folder of its own.
 * No account is added. Whoever adds one may sign.
 */
export async function signUp(parts: SignUpParts, actor: Actor, wish: SignUpWish): Promise<Result<SimulatedContract>> {
  const { channel, merchantId } = wish;
  const { db, clock, ids } = parts.payments;
  const may = allowed(actor, 'accounts.change', merchantId);
  if (!may.ok) return may;
  if (!(await listMerchants(db)).includes(merchantId))
    return refuseAs('auth.merchant_missing', { merchant: merchantId });
  const side = sideOf(channel);
  if (!side) return refuseAs('sandbox.no_simulator', { channel, known: Object.keys(signUpSides).join(', ') });
  const origin = addressOfSimulator(parts.dataFolder, side.door);
  if (origin === undefined) return refuseAs('sandbox.simulator_away', { channel, why: 'no address' });
  const { number, folder } = await takeNumber(parts, channel, side);
  const [merchant, own] = await Promise.all([makeKeys(), makeKeys()]);
  const hex = (digits: number): string => Buffer.from(parts.random(digits / 2)).toString('hex');
  const { deposits, ...handedOut } = side.contract({ number, origin, merchant, channel: own, hex });
  for (const [path, body] of deposits) {
    const told = await tellSimulator({ origin, account: { channel } }, clock.now(), path, body);
    if (told.ok) continue;
    rmSync(folder, { recursive: true });
    return told;
  }
  const files = { ...handedOut.secrets, [paperFile]: contractPaper(channel, number, handedOut.products) };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  const entry = { actor, act: 'sandbox.signed_up', subject: `${channel}/${number}`, detail: { merchant: merchantId } };
  await db.transaction((tx) => writeAudit(tx, [entry], { at: clock.now(), ids }));
  return done({ ...wish, number, folder, paperFile, ...handedOut });
}

const sideOf = (channel: string): SignUpSide | undefined =>
  Object.hasOwn(signUpSides, channel) ? signUpSides[channel] : undefined;

/** What an account's settings say of where its channel is, while the simulators stand where they stand now. */
export function addressesAt(dataFolder: string, channel: string): Readonly<Record<string, string>> {
  const side = sideOf(channel);
  const origin = side && addressOfSimulator(dataFolder, side.door);
  return side && origin !== undefined ? side.addresses(origin) : {};
}

/** A folder that was not there claims its number, should the database be a new one and the data folder not. */
async function takeNumber({ payments: { db }, dataFolder }: SignUpParts, channel: string, side: SignUpSide) {
  const [, prefix] = side.number;
  for (;;) {
    const [nth] = await db.transaction((tx) => nextNumbers(tx, `sign_up/${channel}`, 1));
    assert(nth !== undefined && nth < 100_000_000, 'no number is left');
    const number = prefix + String(nth).padStart(8, '0');
    const folder = join(dataFolder, 'sandbox', `${channel}-${number}`);
    if (mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined) return { number, folder };
  }
}

const generate = promisify(generateKeyPair);

async function makeKeys(): Promise<KeyPair> {
  const { privateKey, publicKey } = await generate('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { privatePem: privateKey, publicPem: publicKey };
}

type Signed = { readonly id: string; readonly settings: Readonly<Record<string, string>> };

/**
 * The simulators had to take other ports than last time: whoever signed with them finds them again. That is an account with a number that was given
 * out here, and of it the addresses on this machine: a real number looks the same, and what people had elsewhere played stays theirs.
 */
export async function followSimulators(db: Database, dataFolder: string, stamp: Stamp): Promise<void> {
  await db.transaction(async (tx) => {
    const entries: AuditEntry[] = [];
    for (const [channel, side] of Object.entries(signUpSides)) {
      const now = addressesAt(dataFolder, channel);
      for (const { id, settings } of await lockSigned(tx, dataFolder, channel, side)) {
        const moved = Object.entries(now).filter(([name, to]) => isHere(settings[name]) && settings[name] !== to);
        if (moved.length === 0) continue;
        const after = { ...settings, ...Object.fromEntries(moved) };
        await tx.query('update channel_accounts set settings = $2 where id = $1', [id, JSON.stringify(after)]);
        const detail = { settings: moved.map(([name]) => name), simulator: side.door };
        entries.push({ actor: systemActor, act: 'sandbox.account_followed', subject: id, detail });
      }
    }
    await writeAudit(tx, entries, stamp);
  });
}

function lockSigned(tx: Tx, dataFolder: string, channel: string, side: SignUpSide): Promise<Signed[]> {
  const [setting] = side.number;
  const folder = join(dataFolder, 'sandbox');
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const numbers = names.flatMap((name) => (name.startsWith(`${channel}-`) ? [name.slice(channel.length + 1)] : []));
  return tx.query<Signed>(
    `select id, settings from channel_accounts where channel = $1 and settings->>$2 = any($3::text[])
       and exists (select from installation where born_as = 'sandbox') order by id for update`,
    [channel, setting, numbers],
  );
}

function isHere(address: string | undefined): boolean {
  return address !== undefined && ['127.0.0.1', 'localhost'].includes(URL.parse(address)?.hostname ?? '');
}
