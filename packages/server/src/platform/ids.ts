import { hash, randomBytes } from 'node:crypto';
import type { Clock } from '../kernel/index.ts';

/** Ids that never leave our database (`…Id`): UUID version 7, RFC 9562 §5.7, so that rows lie in the order of their making. */
export type Ids = { next(): string };

/** Passed in, so that a test can own it. */
export type RandomBytes = (count: number) => Uint8Array;

const storeBytes = 4096;
let store = randomBytes(0);

/** Drawn from the system by the page, as each draw costs more than all else of an id. No byte is handed out twice or kept. */
export const systemRandomBytes: RandomBytes = (count) => {
  if (count > storeBytes / 8) return new Uint8Array(randomBytes(count));
  if (store.length < count) store = randomBytes(storeBytes);
  const drawn = new Uint8Array(store.subarray(0, count));
  store.fill(0, 0, count);
  store = store.subarray(count);
  return drawn;
};

/** Repeatable bytes for tests and replays. Never for keys or secrets. */
export function seededRandomBytes(seed: string): RandomBytes {
  let drawn = 0;
  return (count) => {
    const parts: Buffer[] = [];
    for (let have = 0; have < count; have += 32) {
      parts.push(hash('sha256', `${seed}/${drawn++}`, 'buffer'));
    }
    return new Uint8Array(Buffer.concat(parts).subarray(0, count));
  };
}

/** Rising within one process, also when the clock stands still or steps back (RFC 9562 §6.2, method 1: a counter in rand_a). */
export function createIds(clock: Clock, random: RandomBytes): Ids {
  let ms = -1;
  let counter = 0;
  return {
    next() {
      // A clock that follows the database's may have fractions.
      const now = Math.max(Math.floor(clock.now()), ms);
      counter = now === ms ? counter + 1 : 0;
      if (counter > 0xfff) counter = 0;
      ms = now === ms && counter === 0 ? now + 1 : now;
      return format(ms, counter, random(8));
    },
  };
}

function format(ms: number, counter: number, random: Uint8Array): string {
  const time = ms.toString(16).padStart(12, '0');
  const rest = Buffer.from(random);
  rest[0] = ((rest[0] ?? 0) & 0x3f) | 0x80;
  const tail = rest.toString('hex');
  const version = `7${counter.toString(16).padStart(3, '0')}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}
