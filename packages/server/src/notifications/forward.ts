import { done, plus, seconds, Secret } from '../kernel/index.ts';
import type { Clock, Instant, Result } from '../kernel/index.ts';
import { allowed, everyMerchant } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import type { Database } from '../platform/db.ts';
import type { RandomBytes } from '../platform/ids.ts';
import { refuseAs } from '../platform/refusals.ts';
import { sendBeforeIn } from '../platform/transport.ts';
import type { Transport } from '../platform/transport.ts';
import { sendBeforeMs } from '../platform/worker.ts';
import { readAddress } from './address.ts';
import { hear, wordsOf } from './delivery.ts';
import { isEventType } from './event.ts';
import { eventTypes } from './event-types.data.ts';
import { readEventsSince } from './forward-store.ts';
import type { EventsOf, LoggedEvent } from './forward-store.ts';
import { deliveryLimits, requestTo } from './jobs.ts';
import { makeSecret } from './sign.ts';

export type ForwardParts = {
  readonly db: Database;
  readonly transport: Transport;
  /** The machine's own time: a shop on it checks the age of a message by the same. */
  readonly clock: Clock;
  readonly random: RandomBytes;
};

export type ForwardWish = {
  readonly url: string;
  readonly since: Instant;
  readonly types: readonly string[] | undefined;
  /** `whsec_…`; one of its own for this session without it. */
  readonly secret: string | undefined;
};

export type ForwardedTry = {
  readonly event: LoggedEvent;
  readonly try: number;
  readonly delivered: boolean;
  readonly httpStatus: number | undefined;
  readonly words: string;
  readonly ms: number | undefined;
  /** Undefined: taken, or not tried any more. */
  readonly againInMs: number | undefined;
};

/** Between tries of one event, of the machine's time; after the last it is passed over. */
const pausesMs = [seconds(0.5), seconds(1), seconds(2), seconds(5), seconds(10), seconds(30)] as const;
/** So many looks back are read again: an event is committed after the moment that it bears. */
const looksKept = 120;

/**
 * Streams a merchant's events to an address of this machine, one at a time and in their order, without an endpoint: for a shop's developer, in
 * a sandbox. Nothing of it is kept; the endpoints' own deliveries know nothing of it.
 */
export class Forwarder {
  readonly url: string;
  readonly secret: string;
  readonly #parts: ForwardParts;
  readonly #of: EventsOf;
  readonly #seen = new Set<string>();
  readonly #floors: Instant[];
  #queue: LoggedEvent[] = [];
  #failures = 0;
  #notBefore = 0;
  #passedOver: LoggedEvent[] = [];

  constructor(
    parts: ForwardParts,
    of: EventsOf,
    since: Instant,
    to: { readonly url: string; readonly secret: string },
  ) {
    this.url = to.url;
    this.secret = to.secret;
    this.#parts = parts;
    this.#of = of;
    this.#floors = [since];
  }

  /** What was not taken, passed over or still waiting. */
  get undelivered(): readonly LoggedEvent[] {
    return [...this.#passedOver, ...this.#queue];
  }

  /** Reads what is new and sends what may be sent now. */
  async look(told: (one: ForwardedTry) => void, isStopped: () => boolean): Promise<void> {
    await this.#read();
    while (!isStopped() && this.#parts.clock.now() >= this.#notBefore) {
      const [event] = this.#queue;
      if (!event) return;
      told(await this.#send(event));
    }
  }

  async #read(): Promise<void> {
    const [floor = 0 as Instant] = this.#floors;
    const found = await readEventsSince(this.#parts.db, this.#of, floor);
    const fresh = found.filter((event) => !this.#seen.has(keyOf(event)));
    for (const event of fresh) this.#seen.add(keyOf(event));
    this.#queue.push(...fresh);
    this.#floors.push(found.at(-1)?.at ?? this.#floors.at(-1) ?? floor);
    if (this.#floors.length > looksKept) this.#floors.shift();
  }

  async #send(event: LoggedEvent): Promise<ForwardedTry> {
    const { transport, clock } = this.#parts;
    const request = requestTo(this, event, clock.now(), [new Secret(this.secret)]);
    const limits = { ...deliveryLimits, sendBefore: sendBeforeIn(sendBeforeMs) };
    const sent = await transport.send(request, limits, 'listen');
    const delivered = hear(sent) === 'delivered';
    const againInMs = delivered ? undefined : pausesMs[this.#failures];
    const number = this.#failures + 1;
    this.#failures = againInMs === undefined ? 0 : number;
    this.#notBefore = againInMs === undefined ? 0 : plus(clock.now(), againInMs);
    if (againInMs === undefined) this.#queue.shift();
    if (againInMs === undefined && !delivered) this.#passedOver.push(event);
    return {
      ...{ event, try: number, delivered, words: wordsOf(sent), againInMs },
      httpStatus: sent.kind === 'answered' ? sent.answer.status : undefined,
      ms: sent.kind === 'unsent' ? undefined : Math.round(sent.ms),
    };
  }
}

const keyOf = ({ id, at, isAgain }: LoggedEvent): string => (isAgain ? `${id} ${at}` : id);

/** A sandbox's only: what production tells needs an endpoint and a second person. The caller knows which it is. */
export function openForwarder(parts: ForwardParts, actor: Actor, wish: ForwardWish): Result<Forwarder> {
  const everywhere = actor.merchants.includes(everyMerchant);
  const may = allowed(actor, 'webhooks.read', everywhere ? undefined : actor.merchants[0]);
  if (!may.ok) return may;
  const url = readAddress(wish.url, true);
  if (!url.ok) return url;
  const unknown = wish.types?.find((type) => !isEventType(type));
  if (unknown !== undefined)
    return refuseAs('webhook.unknown_type', { type: unknown, known: Object.keys(eventTypes).join(', ') }, '/types');
  const secret = wish.secret ?? makeSecret(parts.random);
  const of = { merchants: everywhere ? ('all' as const) : actor.merchants, types: wish.types };
  return done(new Forwarder(parts, of, wish.since, { url: url.value, secret }));
}
