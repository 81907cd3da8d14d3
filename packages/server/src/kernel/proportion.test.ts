import { describe, expect, it } from 'vitest';
import { fisherGreater, newcombe, wilson, z95, z99 } from './proportion.ts';

describe('shares and their uncertainty', () => {
  it('gives the score interval of a share, also at none and all', () => {
    const nine = wilson({ hits: 9, of: 10 }, z95);
    expect(nine.low).toBeCloseTo(0.5958, 4);
    expect(nine.high).toBeCloseTo(0.9821, 4);
    expect(wilson({ hits: 0, of: 10 }, z95).low).toBe(0);
    expect(wilson({ hits: 0, of: 10 }, z95).high).toBeCloseTo(0.2775, 4);
    expect(wilson({ hits: 10, of: 10 }, z99).high).toBeCloseTo(1, 12);
    expect(wilson({ hits: 0, of: 0 }, z95)).toEqual({ low: 0, high: 1 });
  });

  it('gives the difference of two shares with the range that an operator reads', () => {
    const shown = newcombe({ hits: 9, of: 10 }, { hits: 0, of: 10 }, z95);
    expect([shown.difference, shown.low, shown.high].map((n) => Math.round(n * 100))).toEqual([90, 49, 98]);
    const none = newcombe({ hits: 0, of: 10 }, { hits: 0, of: 10 }, z95);
    expect([none.difference, none.low, none.high].map((n) => Math.round(n * 100))).toEqual([0, -28, 28]);
  });

  // The tea tasting of R. A. Fisher, The Design of Experiments (1935): 4 of 4 by luck is 1 in 70, 3 or more is 17 in 70.
  it('gives the exact chance of such a difference between groups that are alike', () => {
    expect(fisherGreater({ hits: 4, of: 4 }, { hits: 0, of: 4 })).toBeCloseTo(1 / 70, 12);
    expect(fisherGreater({ hits: 3, of: 4 }, { hits: 1, of: 4 })).toBeCloseTo(17 / 70, 12);
    expect(fisherGreater({ hits: 0, of: 10 }, { hits: 0, of: 10 })).toBe(1);
  });
});
