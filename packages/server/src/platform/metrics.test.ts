import { expect, test } from 'vitest';
import { createMetrics } from './metrics.ts';

test('what is counted can be read in Prometheus text', async () => {
  const metrics = createMetrics({ ofProcess: false });
  metrics.count('liushui_jobs_total', { kind: 'customs.query', ended: 'done' }, 3);
  metrics.set('liushui_calls_in_flight', {}, 2);
  metrics.observe('liushui_exchange_seconds', { channel: 'x', operation: 'declare' }, 0.2);
  const text = await metrics.text();
  expect(text).toContain('liushui_jobs_total{kind="customs.query",ended="done"} 3');
  expect(text).toContain('liushui_calls_in_flight 2');
  expect(text).toContain('liushui_exchange_seconds_bucket{le="0.25",channel="x",operation="declare"} 1');
  expect(text).toContain('liushui_exchange_seconds_bucket{le="0.1",channel="x",operation="declare"} 0');
  expect(text).not.toContain('nodejs_');
});

test('two registries do not meet, and a label must be one of its figure', async () => {
  const one = createMetrics({ ofProcess: false });
  one.count('liushui_refusals_total', { code: 'a.b' }, 1);
  expect(await createMetrics({ ofProcess: true }).text()).not.toContain('a.b');
  // @ts-expect-error: the name of a label is checked by the compiler
  expect(() => one.count('liushui_refusals_total', { orderNo: '1' }, 1)).toThrow();
});

test('figures of the process come when wanted', async () => {
  expect(await createMetrics({ ofProcess: true }).text()).toContain('nodejs_version_info');
});
