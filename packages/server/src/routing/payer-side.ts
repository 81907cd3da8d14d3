import type { Manifest, WalletRule } from '../channels/contract/index.ts';
import type { ChannelRegistry } from '../channels/registry.ts';

/** What the payer holds, as far as ways to pay depend on it. */
export type PayerSide = {
  readonly terminal: 'pc' | 'phone' | 'app' | 'counter';
  /** The channel whose wallet this browser or mini program belongs to. */
  readonly wallet?: string;
  readonly isMiniProgram?: boolean;
};

/** What the shop knows and no User-Agent tells. `app` and `counter` are believed; the rest counts only where the browser says nothing. */
export type SideHint = {
  readonly terminal?: PayerSide['terminal'];
  readonly wallet?: string;
  readonly isMiniProgram?: boolean;
};

const phoneWords = ['mobile', 'android', 'iphone', 'ipad', 'ipod', 'harmonyos', 'windows phone'];

/**
 * Reads a User-Agent by the words that channels list in their manifests. A container that no channel lists is the ordinary browser of its
 * device, and so is a wallet on a desktop.
 */
export function payerSideOf(channels: ChannelRegistry, userAgent: string, hint: SideHint = {}): PayerSide {
  const { terminal } = hint;
  if (terminal === 'app' || terminal === 'counter') return { terminal };
  const text = userAgent.toLowerCase();
  if (text.trim() === '') return sideFromHint(channels, hint);
  const has = (words: readonly string[]): boolean => words.some((word) => text.includes(word.toLowerCase()));
  const found = channels.all().find(({ manifest }) => has(manifest.pay?.wallet?.browser ?? []))?.manifest;
  const rule = found?.pay?.wallet;
  if (!found || !rule || has(rule.desktop) || !has(phoneWords)) return { terminal: has(phoneWords) ? 'phone' : 'pc' };
  return inWallet(found, isMiniProgramOf(rule, has) || (hint.wallet === found.id && hint.isMiniProgram === true));
}

const isMiniProgramOf = ({ miniProgram }: WalletRule, has: (words: readonly string[]) => boolean): boolean =>
  has(miniProgram);

function inWallet({ id }: Manifest, isMiniProgram: boolean): PayerSide {
  return { terminal: 'phone', wallet: id, ...(isMiniProgram ? { isMiniProgram } : {}) };
}

/** A mini program that calls the shop's server sends no browser's words: its shop says where it runs. */
function sideFromHint(channels: ChannelRegistry, { terminal = 'pc', wallet, isMiniProgram }: SideHint): PayerSide {
  const manifest = wallet === undefined ? undefined : channels.get(wallet)?.manifest;
  return manifest?.pay?.wallet ? inWallet(manifest, isMiniProgram === true) : { terminal };
}
