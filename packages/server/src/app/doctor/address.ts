import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import type { Instant } from '../../kernel/index.ts';
import type { Config } from '../../platform/config.ts';
import { isPublicAddress } from '../../platform/public-address.ts';
import { addressWords as w } from './address.texts.ts';
import { judgeExpiry } from './expiry.ts';
import { fail, good, warn } from './finding.ts';
import type { Finding } from './finding.ts';

/** What was seen of an address from this machine. */
export type SeenAddress = {
  /** Empty: the name leads nowhere. */
  readonly addresses: readonly string[];
  readonly tls:
    | { readonly kind: 'spoke'; readonly endsAt: Instant; readonly distrust: string | undefined }
    | { readonly kind: 'silent'; readonly why: string };
};

/** How PUBLIC_URL stands, where channels' notices and people's browsers come in. Pure. */
export function judgeAddress(url: string, { addresses, tls }: SeenAddress, now: Instant): Finding {
  if (addresses.length === 0) return fail('notices', w.unresolved(url), w.mendName);
  const hidden = addresses.find((address) => !isPublicAddress(address));
  if (hidden !== undefined) return fail('notices', w.hidden(url, hidden), w.setPublicUrl);
  // From inside, one's own public address is often not reachable: that alone is no fault.
  if (tls.kind === 'silent') return warn('notices', w.silent(url, tls.why), w.tryOutside);
  if (tls.distrust !== undefined) return fail('notices', w.distrusted(url, tls.distrust), w.mendCertificate);
  const { state, daysLeft } = judgeExpiry(tls.endsAt, now);
  const words = w.certificate(url, daysLeft);
  return state === 'ok' ? good('notices', words) : (state === 'warn' ? warn : fail)('notices', words, w.renew);
}

const timeoutMs = 3000;

/** One look-up and one handshake; nothing is sent over it. */
export async function lookAtAddress(url: URL): Promise<SeenAddress> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const found = await lookup(host, { all: true }).catch(() => []);
  const addresses = found.map(({ address }) => address);
  return { addresses, tls: addresses.length === 0 ? { kind: 'silent', why: '' } : await shakeHands(host, url.port) };
}

export function shakeHands(host: string, port: string): Promise<SeenAddress['tls']> {
  return new Promise((settle) => {
    const socket = connect({
      ...{ host, port: Number(port || 443), rejectUnauthorized: false },
      ...(isIP(host) === 0 ? { servername: host } : {}), // a name only (RFC 6066 §3)
    });
    const end = (seen: SeenAddress['tls']): void => {
      socket.destroy();
      settle(seen);
    };
    socket.setTimeout(timeoutMs, () => end({ kind: 'silent', why: `no answer within ${timeoutMs} ms` }));
    socket.once('error', (error: NodeJS.ErrnoException) => end({ kind: 'silent', why: error.code ?? error.message }));
    socket.once('secureConnect', () => {
      const { valid_to } = socket.getPeerCertificate();
      const distrust = socket.authorized ? undefined : String(socket.authorizationError);
      end({ kind: 'spoke', endsAt: Date.parse(valid_to) as Instant, distrust });
    });
  });
}

export async function examineAddress({ publicUrl }: Config, sandbox: boolean, now: Instant): Promise<Finding> {
  if (sandbox) return good('notices', w.simulated);
  if (publicUrl === undefined) return warn('notices', w.noPublicUrl, w.setPublicUrl);
  const url = new URL(publicUrl);
  if (url.protocol !== 'https:') return fail('notices', w.plain(publicUrl), w.setPublicUrl);
  return judgeAddress(publicUrl, await lookAtAddress(url), now);
}
