import { done } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import type { AccountRow } from '../accounts/index.ts';
import { refuseAs } from '../platform/refusals.ts';
import { channelSides } from './channel-sides.data.ts';
import type { ChannelSide } from './channel-sides.data.ts';

const answerWithinMs = 15_000;

/** The simulator behind one account of ours. */
export type SimulatedChannel = {
  readonly account: AccountRow;
  readonly side: ChannelSide;
  readonly origin: string;
};

/** Undefined: no simulator plays this account. A sandbox speaks to this machine only (architecture rule 13). */
export function simulatedOf(account: AccountRow): SimulatedChannel | undefined {
  const side = Object.hasOwn(channelSides, account.channel) ? channelSides[account.channel] : undefined;
  const setting = side?.address.find((name) => account.settings[name]);
  const url = setting === undefined ? null : URL.parse(account.settings[setting] ?? '');
  if (!side || !url || !/^(localhost|127\.[\d.]+|\[::1\])$/.test(url.hostname)) return undefined;
  return { account, side, origin: url.origin };
}

/** Where a simulator stands, and whose words its refusals are. */
type Spoken = { readonly origin: string; readonly account: Pick<AccountRow, 'channel'> };

/** Speaks to a control door; each call tells the simulator what time it is. */
export async function tellSimulator<Told = unknown>(
  { origin, account }: Spoken,
  at: Instant,
  path: string,
  body: unknown,
  method: 'POST' | 'GET' | 'DELETE' = 'POST',
): Promise<Result<Told>> {
  const isText = typeof body === 'string';
  const sent = method === 'POST' ? { body: isText ? body : JSON.stringify(body) } : {};
  const headers = { 'content-type': isText ? 'text/plain' : 'application/json', 'x-sandbox-at': String(at) };
  const signal = AbortSignal.timeout(answerWithinMs);
  try {
    const answer = await fetch(origin + path, { method, headers, signal, redirect: 'manual', ...sent });
    const text = await answer.text();
    if (answer.status >= 400)
      return refuseAs('sandbox.simulator_refuses', { channel: account.channel, why: text.slice(0, 300) });
    return done(readJson(text) as Told);
  } catch (error) {
    const why = error instanceof Error ? `${error.message} ${causeOf(error)}`.trim() : String(error);
    return refuseAs('sandbox.simulator_away', { channel: account.channel, why });
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // a page
  }
}

const causeOf = ({ cause }: Error): string => (cause instanceof Error ? cause.message : '');
