import { lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';

/** Blocks that are not somebody else's machine on the internet (IANA IPv4 Special-Purpose Address Registry, RFC 6890). */
const notPublic4 = (
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24 ' +
  '192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3'
).split(' ');
/** Of IPv6 only 2000::/3 is given out (RFC 4291 §2.4), so mapped and translated IPv4 addresses are out; and of that, not these. */
const given6 = ['2000::/3'];
const notPublic6 = '2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20'.split(' ');

function blocksOf(blocks: readonly string[], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [address = '', bits] = block.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}

const out4 = blocksOf(notPublic4, 'ipv4');
const in6 = blocksOf(given6, 'ipv6');
const out6 = blocksOf(notPublic6, 'ipv6');

/** Whether a message to this IP address leaves for the internet: not loopback, private, link-local, shared, translated or reserved. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !out4.check(address, 'ipv4');
  if (isIP(address) === 6) return in6.check(address, 'ipv6') && !out6.check(address, 'ipv6');
  return false;
}

/** Why a host of an address on the web may not be reached though its name was not looked up yet: it is itself no public address. */
export function hiddenHost(hostname: string): string | undefined {
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) === 0 || isPublicAddress(bare)) return undefined;
  return `${bare} is not a public address`;
}

/**
 * Resolves a name for one connection and hands on only addresses that were checked: what is connected to is what was looked at, also when
 * the name answers otherwise a moment later. A name with one hidden address is refused whole.
 */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    const hidden = error ? undefined : found.find(({ address }) => !isPublicAddress(address));
    const [first] = error ? [] : found;
    if (error || hidden || !first) {
      const words = hidden ? `${hostname} leads to ${hidden.address}, which is not a public address` : 'no address';
      callback(error ?? new Error(words), '', 4);
    } else if (options.all) callback(null, found);
    else callback(null, first.address, first.family);
  });
};
