import { expect, test } from 'vitest';
import { hearsPayerId } from './acts.ts';

test.each([
  ['one', ['payer_id'], 'one', true],
  ['other', ['payer_id'], 'one', false],
  ['one', ['payer_id'], undefined, false],
  ['one', [], 'one', false],
] as const)(
  "channel %s, which needs %j, in the browser of %s: hears the payer's id, %s",
  (channel, needs, wallet, is) => {
    expect(hearsPayerId({ channel, needs }, wallet)).toBe(is);
  },
);
