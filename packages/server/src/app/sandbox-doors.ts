import { assert, done, plus, refuse, rfc3339 } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import type { AccountRow } from '../accounts/index.ts';
import { findAccounts } from '../accounts/store.ts';
import { allowed, everyMerchant, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { findOrdersBy, handOutOf } from '../payments/index.ts';
import type {
  Attempt,
  Behaving,
  BehaviourWish,
  KnownBehaviour,
  MovedClock,
  Order,
  PaymentParts,
  PlayedPayer,
  SandboxAbout,
  SandboxDoors,
} from '../payments/index.ts';
import { readSandboxClock, writeSandboxClock } from '../platform/clock.ts';
import type { AppClock } from '../platform/clock.ts';
import type { RandomBytes } from '../platform/ids.ts';
import { refuseAs } from '../platform/refusals.ts';
import { behaviourWords, callKinds, channelSides } from './channel-sides.data.ts';
import type { BehaviourName, CallKind, SideFault } from './channel-sides.data.ts';
import { addressesAt, signUp } from './sign-up.ts';
import { simulatedOf, tellSimulator } from './simulated-channel.ts';
import type { SimulatedChannel } from './simulated-channel.ts';

/** A sandbox's clock may be read anew, or moved from outside. */
export type MovableClock = AppClock & { reread?(): Promise<void>; moveTo?(at: Instant): void };

export type SandboxDoorParts = {
  readonly payments: PaymentParts;
  readonly clock: MovableClock;
  readonly worker: { nudge(): void };
  /** Where channels' messages come in. */
  readonly notices: { idle(): Promise<void> };
  readonly dataFolder: string;
  readonly random: RandomBytes;
};

export function openSandboxDoors(parts: SandboxDoorParts): SandboxDoors {
  return {
    behaviours: knownBehaviours,
    behave: (actor, wish) => behave(parts, actor, wish),
    lift: (actor, about) => lift(parts, actor, about),
    pay: (actor, number) => pay(parts, actor, number),
    advance: (actor, byMs) => advance(parts, actor, byMs),
    addresses: (channel) => addressesAt(parts.dataFolder, channel),
    signUp: (actor, wish) => signUp(parts, actor, wish),
  };
}

const names = Object.keys(behaviourWords) as BehaviourName[];
const actingKinds: readonly CallKind[] = ['pay', 'refund', 'close'];

function knownBehaviours(): readonly KnownBehaviour[] {
  return names.map((name) => {
    const sides = Object.entries(channelSides).filter(([, side]) => side.faults[name]);
    const ofCalls = sides.some(([, side]) => side.faults[name]?.ofCalls);
    const { zh, en } = behaviourWords[name];
    return { name, zh, en, calls: ofCalls ? callKinds : [], channels: sides.map(([channel]) => channel) };
  });
}

/** One account, and the numbers it is about; none: all of them. */
type Place = { readonly channel: SimulatedChannel; readonly serialNos: readonly string[] };

const reachOf = (actor: Actor): readonly string[] | 'all' =>
  actor.merchants.includes(everyMerchant) ? 'all' : actor.merchants;

async function orderOf({ payments }: SandboxDoorParts, actor: Actor, number: string): Promise<Result<Order>> {
  const may = allowed(actor, 'sandbox.behave', reachOf(actor) === 'all' ? undefined : actor.merchants[0]);
  if (!may.ok) return may;
  const [order] = await findOrdersBy(payments.db, reachOf(actor), number);
  return order ? done(order) : refuseAs('order.not_found', { order: number });
}

/** A serial number means its attempt, any other number all attempts of the order. */
function attemptsMeant({ attempts }: Order, number: string): readonly Attempt[] {
  const named = attempts.filter(({ serialNo }) => serialNo === number);
  return named.length > 0 ? named : attempts;
}

async function placesOf(parts: SandboxDoorParts, actor: Actor, about: SandboxAbout): Promise<Result<readonly Place[]>> {
  if (about === 'any') return everyPlace(parts, actor);
  const order = await orderOf(parts, actor, about.number);
  if (!order.ok) return order;
  const attempts = attemptsMeant(order.value, about.number);
  const accounts = await findAccounts(parts.payments.db, [...new Set(attempts.map(({ accountId }) => accountId))]);
  const places = accounts.flatMap((account): Place[] => {
    const channel = simulatedOf(account);
    const serialNos = attempts.filter(({ accountId }) => accountId === account.id).map(({ serialNo }) => serialNo);
    return channel ? [{ channel, serialNos }] : [];
  });
  return places.length > 0 ? done(places) : refuseAs('sandbox.no_attempt', { order: about.number });
}

async function everyPlace(parts: SandboxDoorParts, actor: Actor): Promise<Result<readonly Place[]>> {
  const reach = reachOf(actor);
  const may = allowed(actor, 'sandbox.behave', reach === 'all' ? undefined : reach[0]);
  if (!may.ok) return may;
  const accounts = await playedAccounts(parts, reach);
  return done(accounts.map((channel) => ({ channel, serialNos: [] })));
}

async function playedAccounts(
  { payments }: SandboxDoorParts,
  reach: readonly string[] | 'all',
): Promise<readonly SimulatedChannel[]> {
  const rows = await payments.db.query<{ id: string }>(
    'select id from channel_accounts where closed_at is null and ($1::text[] is null or merchant_id = any($1)) order by id',
    [reach === 'all' ? null : reach],
  );
  const accounts: readonly AccountRow[] = await findAccounts(
    payments.db,
    rows.map(({ id }) => id),
  );
  return accounts.map(simulatedOf).filter((one) => one !== undefined);
}

async function behave(
  parts: SandboxDoorParts,
  actor: Actor,
  wish: BehaviourWish,
): Promise<Result<readonly Behaving[]>> {
  const places = await placesOf(parts, actor, wish.about);
  if (!places.ok) return places;
  const name = names.find((one) => one === wish.behaviour);
  const kind = callKinds.find((one) => one === wish.call);
  const bound = places.value.flatMap((place) => {
    const fault = name && place.channel.side.faults[name];
    return name && fault ? [{ place, rules: rulesOf(place, name, fault, kind, wish.times) }] : [];
  });
  if (bound.length === 0 || name === undefined || (wish.call !== undefined && kind === undefined))
    return refuseAs('sandbox.no_behaviour', { behaviour: nameOf(wish), known: names.join(', ') });
  for (const { place, rules } of bound) {
    const told = await tellSimulator(place.channel, parts.clock.now(), '/control/faults', rules);
    if (!told.ok) return told;
  }
  return done(bound.map(({ place }) => behaving(place, name)));
}

const nameOf = ({ behaviour, call }: BehaviourWish): string =>
  call === undefined ? behaviour : `${behaviour} (call ${call})`;

const behaving = ({ channel: { account }, serialNos }: Place, behaviour: string): Behaving => ({
  ...{ behaviour, channel: account.channel, accountId: account.id, serialNos },
});

/** The same wish again replaces the rules of the one before: `times` counts from there. */
const prefixOf = ({ channel: { account }, serialNos }: Place): string =>
  `behave/${account.id}/${serialNos.length === 0 ? 'any' : serialNos[0]}/`;

function rulesOf(
  place: Place,
  name: BehaviourName,
  { fault, ofCalls, lasts }: SideFault,
  kind: CallKind | undefined,
  wished: number | undefined,
): readonly object[] {
  const { side, account } = place.channel;
  const [word, setting] = side.account;
  const match = {
    [word]: account.settings[setting],
    ...(place.serialNos.length === 0 ? {} : { out_trade_nos: place.serialNos }),
  };
  const times = wished ?? (lasts ? undefined : 1);
  const common = { fault, ...(times === undefined ? {} : { times }) };
  if (!ofCalls) return [{ ...common, id: prefixOf(place) + name, match }];
  const calls = (kind ? [kind] : actingKinds).flatMap((one) => side.calls[one]);
  return calls.map((call) => ({
    ...{ ...common, id: `${prefixOf(place)}${name}/${call}`, match: { ...match, [side.callWord]: call } },
  }));
}

async function lift(parts: SandboxDoorParts, actor: Actor, about: SandboxAbout): Promise<Result<number>> {
  const places = await placesOf(parts, actor, about);
  if (!places.ok) return places;
  let lifted = 0;
  for (const place of places.value) {
    const at = parts.clock.now();
    const rules = await tellSimulator<readonly Rule[]>(place.channel, at, '/control/faults', undefined, 'GET');
    if (!rules.ok) return rules;
    const ours = rules.value.filter(({ id }) => id.startsWith(prefixOf(place)));
    for (const { id } of ours) {
      const path = `/control/faults/${encodeURIComponent(id)}`;
      const gone = await tellSimulator(place.channel, at, path, undefined, 'DELETE');
      if (!gone.ok) return gone;
    }
    lifted += ours.length;
  }
  return done(lifted);
}

type Rule = { readonly id: string };

/** What a person does at the cashier: follow what was handed out, and pay. */
async function pay(parts: SandboxDoorParts, actor: Actor, number: string): Promise<Result<PlayedPayer>> {
  const order = await orderOf(parts, actor, number);
  if (!order.ok) return order;
  const over = ['rejected', 'closed', 'succeeded'];
  const attempt = attemptsMeant(order.value, number).findLast(({ state }) => !over.includes(state));
  const [account] = attempt ? await findAccounts(parts.payments.db, [attempt.accountId]) : [];
  const channel = account && simulatedOf(account);
  if (!attempt || !channel) return refuseAs('sandbox.no_attempt', { order: number });
  const { orderNo } = order.value;
  const at = parts.clock.now();
  await followHandOut(parts, attempt, channel);
  const body = { out_trade_no: attempt.serialNo };
  const paid = await tellSimulator<{ readonly refused: string | null }>(channel, at, channel.side.payDoor, body);
  if (!paid.ok) return paid;
  if (paid.value.refused !== null)
    return refuseAs('sandbox.payer_refused', { order: orderNo, why: paid.value.refused });
  return done({ orderNo, serialNo: attempt.serialNo, channel: attempt.channel });
}

/** The payer's browser loads the page, or his wallet opens the text: for some products the channel hears of the trade only then. */
async function followHandOut(parts: SandboxDoorParts, attempt: Attempt, channel: SimulatedChannel): Promise<void> {
  const handOut = await handOutOf(parts.payments, attempt);
  const at = parts.clock.now();
  const { walletDoor } = channel.side;
  if (handOut?.kind === 'sdk' && walletDoor !== undefined) await tellSimulator(channel, at, walletDoor, handOut.text);
  const url = handOut?.kind === 'url' ? URL.parse(handOut.url) : null;
  if (url?.origin === channel.origin) await tellSimulator(channel, at, url.pathname + url.search, undefined, 'GET');
}

/** One clock for channels, statements, customs and us. What the channels have to say at that moment is said before this ends. */
async function advance(parts: SandboxDoorParts, actor: Actor, byMs: number): Promise<Result<MovedClock>> {
  const { payments, clock, worker, notices } = parts;
  const reach = reachOf(actor);
  // Everybody's clock is moved by whoever may move his own merchant's: a sandbox has only one.
  const may = allowed(actor, 'sandbox.clock', reach === 'all' ? undefined : reach[0]);
  if (!may.ok) return may;
  const row = await readSandboxClock(payments.db);
  if (!row) return refuse('sandbox.only', { what: 'sandbox clock' });
  const from = clock.now();
  const target = plus(from, byMs);
  await payments.keyring.prepare(target);
  await payments.db.transaction(async (tx) => {
    await writeSandboxClock(tx, target, row.running);
    const detail = { from: rfc3339(from), to: rfc3339(target), running: row.running };
    const stamp = { at: from, ids: payments.ids };
    await writeAudit(tx, [{ actor, act: 'sandbox.clock_moved', subject: 'clock', detail }], stamp);
  });
  if (target > clock.now()) clock.moveTo?.(target);
  await clock.reread?.();
  const now = clock.now();
  assert(now >= target, 'the clock did not follow');
  const unreached = await tellTime(await playedAccounts(parts, 'all'), now);
  await notices.idle();
  worker.nudge();
  return done({ clock: now, running: row.running, unreached });
}

async function tellTime(channels: readonly SimulatedChannel[], now: Instant): Promise<readonly string[]> {
  const one = new Map(channels.map((channel) => [channel.origin + channel.side.settleDoor, channel]));
  const told = await Promise.all(
    [...one.values()].map(async (channel) => {
      const moved = await tellSimulator(channel, now, '/control/clock', { now_ms: now });
      const settled = moved.ok ? await tellSimulator(channel, now, channel.side.settleDoor, {}) : moved;
      return settled.ok ? [] : [channel.account.channel];
    }),
  );
  return [...new Set(told.flat())];
}
