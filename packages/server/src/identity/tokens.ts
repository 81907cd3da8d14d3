import { BlockList, isIP } from 'node:net';
import { done, rfc3339 } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import type { RandomBytes } from '../platform/ids.ts';
import { refuseAs } from '../platform/refusals.ts';
import { everyMerchant } from './actor.ts';
import type { Actor, Door } from './actor.ts';
import { isRole } from './roles.ts';
import type { TokenKind, TokenRecord } from './token.ts';

/** A keyed digest (platform/keys `digestKeyed`): who steals the database cannot make or test tokens. 32 bytes. */
export type TokenDigest = (digestClass: 'token', token: string) => Uint8Array;

const prefixOf: Readonly<Record<TokenKind, string>> = { cli: 'ls_cli_', api_key: 'ls_key_' };
const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const tokenLetters = 32;

/** 32 letters of base62 are 190 bits. Bytes above 247 are drawn again: a remainder would favour the first letters. */
export function makeToken(kind: TokenKind, random: RandomBytes): string {
  let text = '';
  while (text.length < tokenLetters) {
    for (const byte of random(tokenLetters)) if (byte < 248 && text.length < tokenLetters) text += letters[byte % 62];
  }
  return prefixOf[kind] + text;
}

export function hasTokenForm(text: string): boolean {
  return /^ls_(cli|key)_[0-9A-Za-z]{32}$/.test(text);
}

/** One address or a block such as 10.1.0.0/16 (RFC 4632) or 2001:db8::/32 (RFC 4291 §2.3). */
export function isAddressBlock(text: string): boolean {
  const [address, bits, rest] = text.split('/');
  const version = isIP(address ?? '');
  if (version === 0 || rest !== undefined) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

function isListed(blocks: readonly string[], ip: string): boolean {
  const list = new BlockList();
  for (const block of blocks) {
    const [address = '', bits] = block.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  const version = isIP(ip);
  return version !== 0 && list.check(ip, version === 4 ? 'ipv4' : 'ipv6');
}

/** A door and the address behind it; the command line on this machine has none. */
export type Visit = { readonly door: Exclude<Door, 'system'>; readonly ip: string | undefined };

/** Whom this token stands for at this moment. Pure; it was found by its digest, so whoever presents it may hear what is wrong with it. */
export function judgeToken(record: TokenRecord, visit: Visit, at: Instant): Result<Actor> {
  const { token, user } = record;
  const { label, revokedAt, expiresAt } = token;
  if (revokedAt !== undefined) return refuseAs('auth.token_revoked', { label, at: rfc3339(revokedAt) });
  if (expiresAt !== undefined && expiresAt <= at)
    return refuseAs('auth.token_expired', { label, at: rfc3339(expiresAt) });
  if (user.disabledAt !== undefined) return refuseAs('auth.user_disabled', { user: user.id });
  if (token.ipAllow.length > 0 && (visit.ip === undefined || !isListed(token.ipAllow, visit.ip)))
    return refuseAs('auth.ip_not_allowed', { label, ip: visit.ip ?? '?' });
  return done({
    userId: user.id,
    name: user.name,
    roles: user.roles.filter(isRole),
    merchants: merchantsOfBoth(user.merchants, token.merchants),
    door: visit.door,
    ...(token.kind === 'api_key' ? { scopes: token.scopes } : {}),
  });
}

/** A token never reaches further than its user, also when the user's merchants shrink later. */
function merchantsOfBoth(user: readonly string[], token: readonly string[]): readonly string[] {
  if (token.includes(everyMerchant)) return user;
  if (user.includes(everyMerchant)) return token;
  return token.filter((id) => user.includes(id));
}
