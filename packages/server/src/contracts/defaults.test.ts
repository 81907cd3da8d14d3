import { expect, test } from 'vitest';
import { readChannels } from '../channels/registry.ts';
import { isTermKind, labelOf, readValue, termKinds } from './kinds.ts';

test('what connectors suppose of contracts is in the form of contracts, once for each subject, and says that it is supposed', async () => {
  for (const { manifest, terms = [] } of (await readChannels()).all()) {
    const subjects = terms.filter((term) => term.alternative !== true).map((t) => `${t.kind} ${t.product} ${t.scene}`);
    expect(new Set(subjects).size, manifest.id).toBe(subjects.length);
    for (const { kind, value, product, source, from, fromZh } of terms) {
      const about = `${manifest.id} ${kind}`;
      expect(isTermKind(kind) && readValue(kind, value), about).toEqual({ fits: true, value });
      expect(product === '*' || Object.hasOwn(manifest.pay?.products ?? {}, product), about).toBe(true);
      expect(source, about).toBe('default, to be confirmed with the channel');
      expect(from.length, about).toBeGreaterThan(10);
      expect(fromZh, about).toMatch(/[\u4e00-\u9fff]/);
    }
  }
});

test('every kind of term has its name in both languages', () => {
  for (const kind of termKinds) {
    const { zh, en } = labelOf(kind);
    expect(zh, kind).toMatch(/^[\u4e00-\u9fff]/);
    expect(en, kind).toMatch(/^[a-z]/);
  }
});
