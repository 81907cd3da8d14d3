import { done } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { hiddenHost } from '../platform/public-address.ts';
import { refuseAs } from '../platform/refusals.ts';

const longest = 500;
/** Names that never leave a house (RFC 6761, RFC 6762, RFC 8375, ICANN's private-use `internal`). */
const housePart = /(^|\.)(localhost|local|internal|home\.arpa|test|invalid|example)$/;

/**
 * The address of a new endpoint in its one form. What its name leads to is looked up at each connection, not here: it may lead
 * elsewhere tomorrow.
 */
export function readAddress(text: string, sandbox: boolean): Result<string> {
  const url = URL.parse(text);
  const why = url ? obstacleTo(url, sandbox) : 'not a web address';
  if (!url || why !== undefined)
    return refuseAs('webhook.address_refused', { url: shownOf(text), why: why ?? '' }, '/url');
  return done(url.href);
}

function obstacleTo(url: URL, sandbox: boolean): string | undefined {
  const host = url.hostname.replace(/\.$/, '');
  if (url.username !== '' || url.password !== '') return 'user and password do not belong into it';
  if (url.hash !== '') return 'no #';
  if (url.href.length > longest) return `longer than ${longest} characters`;
  if (sandbox)
    return isLoopback(url.hostname) && /^https?:$/.test(url.protocol) ? undefined : 'a sandbox tells only 127.0.0.1';
  if (url.protocol !== 'https:') return 'https only';
  if (housePart.test(host) || !/[.:]/.test(host)) return `${host} is not a public name`;
  return hiddenHost(host);
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127\.[\d.]+$/.test(host);

/** A refusal is kept and logged: what may be a password is not repeated. */
const shownOf = (text: string): string => text.replace(/\/\/[^/?#]*@/, '//***@').slice(0, longest);
