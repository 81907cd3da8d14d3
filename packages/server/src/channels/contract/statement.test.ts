import { expect, test } from 'vitest';
import type { BusinessDate, Instant } from '../../kernel/index.ts';
import { readChannels } from '../registry.ts';

const registry = await readChannels();
const channels = registry.all().flatMap(({ manifest, statement }) => {
  const { statement: rules, lanes, id } = manifest;
  return rules && statement ? [{ id, rules, lanes, statement }] : [];
});

test.each(channels)(
  '$id: what is asked for has its lanes, comes due before it is late, and is read where it says so',
  (channel) => {
    const { rules, lanes, statement } = channel;
    for (const lane of ['statement.ask', 'statement.fetch']) expect(lanes[lane], lane).toBeDefined();
    expect(rules.lateAfterMinutes).toBeGreaterThan(rules.readyAfterMinutes);
    expect(rules.lateAfterMinutes).toBeLessThan(24 * 60);
    expect(rules.retryMinutes).toBeGreaterThan(0);
    expect(rules.addressMinutes).toBeGreaterThan(0);
    const day = '2026-12-01' as BusinessDate;
    for (const [kind, { isRead, nameZh, nameEn }] of Object.entries(rules.kinds)) {
      expect(
        [nameZh, nameEn].every((name) => name !== ''),
        kind,
      ).toBe(true);
      const read = statement.read(new Uint8Array(), { kind, day }, { id: 'test', settings: {} });
      expect(read.ok, kind).toBe(false);
      if (!read.ok) expect(read.refusal.code === 'statement.kind_unknown', kind).toBe(!isRead);
    }
  },
);

test.each(channels)(
  '$id: bytes that nobody can read are doubt, a refusal, and never an exception',
  ({ rules, statement }) => {
    const account = { id: 'test', settings: {} };
    const address = { url: 'https://example.com/file', digest: '00'.repeat(20) };
    const bodies = [
      '',
      '<xml><return_code>FAIL</return_code></xml>',
      '{"code":"X"}',
      '[]',
      '`',
      'a,b\r\n`1,`2\r\n',
      '\u0000',
    ];
    for (const [kind] of Object.entries(rules.kinds))
      for (const text of bodies)
        for (const status of [200, 204, 302, 400, 404, 500]) {
          const answer = { status, headers: {}, body: new TextEncoder().encode(text) };
          const question = { kind, day: '2026-12-01' as BusinessDate };
          const asked = statement.ask.interpret(answer, question, account, {}, 0 as Instant);
          expect(asked.outcome.kind, `${status} ${text}`).toBe('in_doubt');
          expect(statement.fetch.interpret(answer, address).outcome.kind).toBe('in_doubt');
          expect(statement.read(answer.body, question, account).ok).toBe(false);
        }
  },
);
