import { describe, expect, it } from 'vitest';
import { minutes, parseShanghai, plus } from '../kernel/index.ts';
import type { Instant } from '../kernel/index.ts';
import { cutCells, defaultStopRules, effectOf, judgeCell, stopReason } from './plan-cells.ts';
import type { CellMember, CellView } from './plan-cells.ts';

const began = parseShanghai('2015-10-28 16:30:00') as Instant;
const groups = { canary: 10, control: 10 };

function members(hours: Readonly<Record<string, number>>): CellMember[] {
  return Object.entries(hours).flatMap(([hour, count]) =>
    Array.from({ length: count }, (_, index) => ({
      orderNo: `201510${hour}00311100000${String(index).padStart(4, '0')}`,
      lot: `${(index * 7919) % 1000}`.padStart(4, '0') + hour,
    })),
  );
}

describe('cells', () => {
  it('are the hours, each with its own canary and its own held-back control', () => {
    const cut = cutCells(members({ '2711': 30, '2719': 50 }), 'hour', groups);
    expect(cut.cells).toEqual([
      { cell: '2015-10-27 11', size: 30 },
      { cell: '2015-10-27 19', size: 50 },
    ]);
    const roles = Object.entries(Object.groupBy(cut.placed, ({ cell, role }) => `${cell} ${role}`));
    expect(Object.fromEntries(roles.map(([name, all]) => [name, all?.length]))).toEqual({
      ...{ '2015-10-27 11 canary': 10, '2015-10-27 11 control': 10, '2015-10-27 11 rest': 10 },
      ...{ '2015-10-27 19 canary': 10, '2015-10-27 19 control': 10, '2015-10-27 19 rest': 30 },
    });
  });

  it('of neighbouring hours that are too few join, the last one with the one before it', () => {
    const cut = cutCells(members({ '2719': 9, '2720': 10, '2722': 40, '2723': 3 }), 'hour', { canary: 8, control: 8 });
    expect(cut.cells).toEqual([
      { cell: '2015-10-27 19 – 2015-10-27 20', size: 19 },
      { cell: '2015-10-27 22 – 2015-10-27 23', size: 43 },
    ]);
  });

  it('without an order gather what is too few, and a cell smaller than both groups is split between them', () => {
    const split = members({ '2711': 30 }).map((member, index) => ({ ...member, isSplit: index < 3 }));
    const cut = cutCells(split, 'split', groups);
    expect(cut.cells).toEqual([
      { cell: 'F', size: 27 },
      { cell: 'others', size: 3 },
    ]);
    expect(
      cut.placed
        .filter(({ cell }) => cell === 'others')
        .map(({ role }) => role)
        .sort(),
    ).toEqual(['canary', 'control', 'control']);
  });

  it('draw alike however the members are ordered', () => {
    const some = members({ '2711': 60 });
    const roleOf = (list: readonly CellMember[]): Map<string, string> => {
      const cut = cutCells(list, 'hour', groups);
      return new Map(list.map((member, index) => [member.orderNo, cut.placed[index]?.role ?? '']));
    };
    expect([...roleOf(some)].sort()).toEqual([...roleOf([...some].reverse())].sort());
  });
});

const view = (pushed: [number, number], held: [number, number], more: Partial<CellView> = {}): CellView => ({
  state: 'canary',
  beganAt: began,
  pushed: { hits: pushed[0], of: pushed[1] },
  held: { hits: held[0], of: held[1] },
  ...{ canaryOpen: 0, controlUnseen: 0, controlOpen: 0, open: 40 },
  ...more,
});

describe('a cell', () => {
  // effect, minute after the beginning, and what follows.
  const table: readonly [string, CellView, number, string][] = [
    ['shows a significant effect long before the window ends', view([9, 10], [0, 10], { canaryOpen: 1 }), 2, 'ramp'],
    ['shows one, but nobody has looked at the control yet', view([9, 10], [0, 10], { controlUnseen: 1 }), 2, 'wait'],
    ['shows nothing yet', view([0, 10], [0, 10], { canaryOpen: 10, controlOpen: 10 }), 20, 'wait'],
    ['shows nothing when the window ends', view([0, 10], [0, 10]), 30, 'stop'],
    [
      'shows nothing when the window ends, but a look is in doubt',
      view([0, 10], [0, 10], { canaryOpen: 1 }),
      31,
      'wait',
    ],
    ['shows a backlog that clears by itself', view([9, 10], [8, 10]), 30, 'stop'],
    ['shows a hint that may be luck', view([3, 10], [0, 10]), 30, 'stop'],
    ['shows an effect that is more than luck', view([4, 10], [0, 10]), 30, 'ramp'],
    ['shows that pushing hurts', view([0, 10], [5, 10]), 30, 'stop'],
    ['could push nothing', view([0, 0], [0, 10]), 1, 'stop'],
    ['ramps with some open', view([9, 10], [0, 10], { state: 'ramp' }), 40, 'wait'],
    ['ramps and nothing is open', view([9, 10], [0, 10], { state: 'ramp', open: 0 }), 40, 'done'],
    ['has stopped', view([9, 10], [0, 10], { state: 'stopped' }), 40, 'wait'],
  ];
  for (const [what, cell, minute, next] of table) {
    it(`${what}: ${next}`, () => expect(judgeCell(cell, plus(began, minutes(minute)), 30).kind).toBe(next));
  }

  it('tells its effect with the range in which it may lie', () => {
    const { difference, low, high } = effectOf({ hits: 9, of: 10 }, { hits: 0, of: 10 });
    expect([difference, low, high].map((share) => Math.round(share * 100))).toEqual([90, 49, 98]);
  });
});

describe('a plan stops', () => {
  const rules = { ...defaultStopRules, knownCodes: ['OLD'] };
  const fine = { pushed: 1000, inDoubt: 0, refusedByCode: {}, numberChanges: 0 };
  it.each([
    ['while all is well: not', fine, undefined],
    ['at more than 2% without a clear answer', { ...fine, inDoubt: 21 }, 'channel_errors'],
    ['at 2%: not', { ...fine, inDoubt: 20 }, undefined],
    ['at two of ten: not, so few say nothing', { ...fine, pushed: 10, inDoubt: 2 }, undefined],
    ['at a code that this group never gave', { ...fine, refusedByCode: { NEW: 1 } }, 'new_refusal:NEW'],
    ['at a code it is known for: not', { ...fine, refusedByCode: { OLD: 5 } }, undefined],
    ['at more than 0.1% with another payment number', { ...fine, numberChanges: 2 }, 'number_changes'],
    ['at 0.1%: not', { ...fine, numberChanges: 1 }, undefined],
  ])('%s', (_what, tally, reason) => expect(stopReason(tally, rules)).toBe(reason));
});
