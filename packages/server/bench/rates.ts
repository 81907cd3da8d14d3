import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import { XMLParser } from 'fast-xml-parser';
import alipay from '../src/channels/alipay/index.ts';
import { signatureFits } from '../src/channels/alipay/sign.ts';
import type { AccountSecrets, ChannelAccount } from '../src/channels/contract/index.ts';
import { Secret } from '../src/kernel/index.ts';
import type { Instant } from '../src/kernel/index.ts';
import { createIds, systemRandomBytes } from '../src/platform/ids.ts';
import { masterKeyFrom } from '../src/platform/keys-master.ts';
import { createKeyring } from '../src/platform/keys.ts';
import type { DataKeyRow, Keyring } from '../src/platform/keys.ts';
import { byTurns, figureOf } from './bench.ts';
import type { Bench, BenchContext, BenchResult, Figure, Target } from './bench.ts';
import { newOrders, queryAnswer } from './orders.ts';
import { good, md5Key, partner } from './server.ts';

/** What our own way of signing, reading and sealing costs against the library below it. No database. */
export const rates: Bench = {
  name: 'rates',
  says: 'signing, verifying, reading XML and sealing, against bare libraries',
  run,
};

/** As the connector signs: on the thread pool. */
const signOffThread = promisify<string, Uint8Array, string, Buffer>(sign);

type Call = () => unknown;
type Pair = {
  readonly measure: string;
  readonly against: string;
  readonly subject: Call;
  readonly baseline: Call;
  readonly target: Target;
};

async function run({ quick, tell }: BenchContext): Promise<BenchResult> {
  const pairs = [...rsaPairs(), ...md5Pairs(), xmlPair(), ...(await sealPairs())];
  const figures: Figure[] = [];
  for (const pair of pairs) {
    tell(`rates: ${pair.measure}`);
    figures.push(await compare(pair, quick));
  }
  return { figures, tables: [] };
}

async function compare({ subject, baseline, ...named }: Pair, quick: boolean): Promise<Figure> {
  const sides = [subject, baseline];
  const counts: number[] = [];
  for (const call of sides) counts.push(await countFor(call, quick ? 0.002 : 0.25));
  const measured = await byTurns(quick ? 1 : 7, [0, 1], async (side) => {
    const [call, count] = [sides[side] ?? subject, counts[side] ?? 1];
    return count / (await cpuOf(() => repeat(call, count)));
  });
  const pairs = measured.map(([ours = NaN, theirs = NaN]) => ({ subject: ours, baseline: theirs }));
  return figureOf({ bench: 'rates', unit: 'a CPU second', ...named }, pairs);
}

async function repeat(call: Call, count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    const value = call();
    if (value instanceof Promise) await value;
  }
}

/** CPU seconds of this process, the thread pool included: what other programs do on the machine hardly shows in them. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** How many calls fill that many seconds, once the code is compiled. */
async function countFor(call: Call, seconds: number): Promise<number> {
  for (let count = 1; ; count *= 2) {
    const took = await cpuOf(() => repeat(call, count));
    if (took >= seconds / 4) return Math.max(1, Math.round((count * seconds) / took));
  }
}

const account = (signType: string): ChannelAccount => ({ id: 'bench', settings: { partner, sign_type: signType } });
/** As long as the canonical text of a declaration. */
const text = Buffer.from(
  `amount=420.00&customs_place=ZONGSHU&merchant_customs_code=3301TEST01&${'out_request_no=LS0000001&'.repeat(12)}`,
);

function rsaPairs(): Pair[] {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const publicPem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const secrets: AccountSecrets = {
    merchant_private_key: [new Secret(pem)],
    alipay_public_key: [new Secret(publicPem)],
  };
  const rsa = account('RSA2');
  const signature = sign('SHA256', text, pem);
  const signed = signature.toString('base64');
  return [
    {
      measure: 'RSA-2048 sign, connector with its cached key',
      against: 'node:crypto, PEM per call',
      subject: () => alipay.sign(text, rsa, secrets),
      baseline: async () => (await signOffThread('SHA256', text, pem)).toString('base64'),
      target: { atLeast: 0.9 },
    },
    {
      measure: 'RSA-2048 verify, connector with its cached key',
      against: 'node:crypto, PEM per call',
      subject: () => expectTrue(signatureFits(text, signed, rsa, secrets)),
      baseline: () => expectTrue(verify('SHA256', text, publicPem, signature)),
      target: { atLeast: 1.2 },
    },
    {
      measure: 'RSA-2048 verify, connector with its cached key',
      against: 'node:crypto, key object',
      subject: () => expectTrue(signatureFits(text, signed, rsa, secrets)),
      baseline: () => expectTrue(verify('SHA256', text, publicKey, signature)),
      target: { atLeast: 0.6 },
    },
  ];
}

function expectTrue(value: boolean): void {
  if (!value) throw new Error('a signature that was just made does not fit');
}

function md5Pairs(): Pair[] {
  const secrets: AccountSecrets = { md5_key: [new Secret(md5Key)] };
  const md5 = account('MD5');
  const bare = (): string => createHash('md5').update(text).update(md5Key, 'utf8').digest('hex');
  const signed = bare();
  return [
    {
      measure: 'MD5 sign, connector',
      against: 'node:crypto',
      subject: () => alipay.sign(text, md5, secrets),
      baseline: bare,
      target: { atLeast: 0.3 },
    },
    {
      measure: 'MD5 verify, connector',
      against: 'node:crypto',
      subject: () => expectTrue(signatureFits(text, signed, md5, secrets)),
      baseline: () => expectTrue(bare() === signed),
      target: { atLeast: 0.3 },
    },
  ];
}

/** The channel reads with a reader of its own; the library is what it left. It neither decodes strictly nor validates nor checks a signature. */
function xmlPair(): Pair {
  const orders = newOrders(10);
  const answer = queryAnswer(orders);
  const query = alipay.customs?.query;
  const secrets: AccountSecrets = { md5_key: [new Secret(md5Key)] };
  const parser = new XMLParser({
    preserveOrder: true,
    parseTagValue: false,
    processEntities: false,
    trimValues: false,
  });
  return {
    measure: 'query answer of ten records, interpreted',
    against: 'fast-xml-parser, parse only',
    subject: () => {
      const reading = query?.interpret(answer, orders, account('MD5'), secrets, 0 as Instant);
      if (reading?.trust !== 'verified' || reading.byRequestNo.size !== 10)
        throw new Error('the answer was not understood');
    },
    baseline: (): unknown => parser.parse(Buffer.from(answer.body)),
    target: { atLeast: 1 },
  };
}

/** As long as an answer to a query of ten. */
async function sealPairs(): Promise<Pair[]> {
  const keyring = await keyringInMemory();
  const content = queryAnswer(newOrders(10)).body;
  const place = { table: 'exchange_answers', column: 'answer', rowId: '00000000-0000-7000-8000-000000000000' };
  const sealed = keyring.sealBytes('exchange', content, place);
  const key = createSecretKey(randomBytes(32));
  const bare = bareSeal(key, content);
  return [
    {
      measure: 'seal an answer of ten records, keyring',
      against: 'AES-256-GCM of node:crypto',
      subject: () => keyring.sealBytes('exchange', content, place),
      baseline: () => bareSeal(key, content),
      target: { atLeast: 0.4 },
    },
    {
      measure: 'open an answer of ten records, keyring',
      against: 'AES-256-GCM of node:crypto',
      subject: () => {
        if (keyring.openBytes(sealed, place).kind !== 'opened') throw new Error('what was sealed does not open');
      },
      baseline: () => bareOpen(key, bare),
      target: { atLeast: 0.4 },
    },
  ];
}

type Sealed = { readonly nonce: Buffer; readonly tag: Buffer; readonly content: Buffer };

function bareSeal(key: ReturnType<typeof createSecretKey>, content: Uint8Array): Sealed {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const sealed = Buffer.concat([cipher.update(content), cipher.final()]);
  return { nonce, tag: cipher.getAuthTag(), content: sealed };
}

function bareOpen(key: ReturnType<typeof createSecretKey>, { nonce, tag, content }: Sealed): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(content), decipher.final()]);
}

async function keyringInMemory(): Promise<Keyring> {
  const rows: DataKeyRow[] = [];
  const store = {
    all: () => Promise.resolve(rows),
    add: (more: readonly DataKeyRow[]) => Promise.resolve(void rows.push(...more)),
    erase: () => Promise.reject(new Error('no key of a bench is erased')),
  };
  const clock = { now: () => Date.now() as Instant };
  const master = good(masterKeyFrom(new Secret(`liushui-master-key-1 ${randomBytes(32).toString('base64')}`)));
  const keyring = createKeyring({
    master,
    store,
    clock,
    ids: createIds(clock, systemRandomBytes),
    random: systemRandomBytes,
  });
  await keyring.prepare(clock.now());
  return keyring;
}
