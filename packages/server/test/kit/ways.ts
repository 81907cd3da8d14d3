import { CNY } from '../../src/kernel/index.ts';
import type { Instant } from '../../src/kernel/index.ts';
import type { DefaultTerm, Manifest } from '../../src/channels/contract/index.ts';
import { readChannels } from '../../src/channels/registry.ts';
import { accountTerms } from '../../src/contracts/terms.ts';
import type { Candidate, OfferWish } from '../../src/routing/candidate.ts';
import { choose } from '../../src/routing/choose.ts';

export const channels = await readChannels();

/** 12:00 on 1 March 2026 in Beijing. */
export const noon = Date.parse('2026-03-01T12:00:00+08:00') as Instant;

type Stated = Pick<DefaultTerm, 'kind' | 'value'> & Partial<Pick<DefaultTerm, 'product' | 'scene'>>;
type Changes = Partial<Omit<Candidate, 'terms' | 'manifest' | 'account'>> & {
  readonly id?: string;
  readonly manifest?: Manifest;
  readonly settings?: Readonly<Record<string, string>>;
  readonly terms?: readonly Stated[];
};

export const manifestOf = (channel: string): Manifest | undefined => channels.get(channel)?.manifest;

/** Every setting that a product is opened by. */
function openedSettings({ pay }: Manifest): Record<string, string> {
  const wishes = Object.values(pay?.products ?? {}).flatMap(({ openedBy = [] }) => openedBy);
  return Object.fromEntries(
    wishes.flatMap((one) => ('setting' in one ? [[one.setting, one.oneOf?.[0] ?? 'there']] : [])),
  );
}

/** An account that has opened everything at a channel, by whose contract nothing is forbidden, unless something is said. */
export function candidate(channel: string, changes: Changes = {}): Candidate {
  const manifest = changes.manifest ?? manifestOf(channel);
  if (!manifest) throw new Error(`no channel ${channel}`);
  const rows = (changes.terms ?? []).map(
    (one) => ({ product: '*', scene: '*', source: 'contract 7', ...one }) as const,
  );
  const { id = channel, settings: more = {}, terms: _terms, manifest: _manifest, ...facts } = changes;
  return {
    ...{ account: { id, channel, settings: { ...openedSettings(manifest), ...more } }, manifest },
    terms: accountTerms(rows, channels.get(channel)?.terms ?? []),
    ...{ secrets: new Set(manifest.secrets.map(({ name }) => name)), used: [], lanes: [], rules: [], notices: [] },
    ...facts,
  };
}

export const wish = (changes: Partial<OfferWish> = {}): OfferWish => ({
  ...{ merchantId: 'demo', amount: { minor: 42_000n, currency: CNY }, scene: 'online', side: { terminal: 'pc' } },
  ...{ at: noon, payerKnows: { payerId: true, payerCode: true, payerAddress: true }, orderNo: '20260301-1' },
  ...changes,
});

/** `account/product`: `offered`, or the code of its reason; a dictionary of all ways. */
export function verdicts(candidates: readonly Candidate[], changes: Partial<OfferWish> = {}): Record<string, string> {
  const { offered, notOffered } = choose(candidates, wish(changes), manifestOf);
  return Object.fromEntries([
    ...offered.map(({ accountId, product }) => [`${accountId}/${product}`, 'offered']),
    ...notOffered.map(({ accountId, product, refusal }) => [`${accountId}/${product}`, refusal.code]),
  ]);
}
