import { expect, test } from 'vitest';
import { readChannels } from '../channels/registry.ts';
import { signUpSides } from './sign-up-sides.ts';
import { contractPaper } from './sign-up.texts.ts';

/** What the walk of an account asks people for, by the names under which it does; an address where the channel lists none is not asked for. */
const asked = [
  ...['category', 'licence', 'mode', 'agreement', 'fee', 'products', 'app_kind', 'limits', 'refund_window'],
  ...['fee_return', 'settlement', 'statement', 'egress_state', 'hours', 'credit_card'],
];

test.each(Object.keys(signUpSides))(
  '%s: the paper of the simulated contract answers in both languages what the walk asks for, as its connector can',
  async (channel) => {
    const paper = contractPaper(channel, '1600000001', ['jsapi']);
    expect(asked.filter((name) => !new RegExp(`[\\u4e00-\\u9fff）] ?${name}\\b`).test(paper))).toEqual([]);
    const said = (name: string): string => new RegExp(`${name}: .* (\\w+)$`, 'm').exec(paper)?.[1] ?? '';
    const connector = (await readChannels()).all().find(({ manifest }) => manifest.id === channel);
    expect(said('statement')).toBe(connector?.statement ? 'api' : 'console');
    const known = connector?.terms?.flatMap(({ kind, value }) => (kind === 'fee_return' ? [value['kind']] : []));
    expect(known).toContain(said('fee_return'));
    const kinds = Object.values(connector?.opening?.products ?? {}).flatMap(({ appKinds = [] }) => appKinds);
    expect(said('app_kind')).toBe(kinds[0] ?? 'not_asked');
    expect(Object.keys(connector?.opening?.modes ?? {})).toContain(said('mode'));
  },
);
