import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { triageTable } from '../../customs/index.ts';
import { faultRules } from './scenario.data.ts';

const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
const told = [...readme.matchAll(/^\| `(\w+)` \| (\w+) \| ([\w ]+) \| `(\w+)` \|$/gm)].map(([, ...cells]) => cells);

test('the README tells every fault with its row, its share and what the simulator does', () => {
  const played = Object.entries(faultRules).map(([kind, { row, perMille, fault }]) => {
    const share = kind === 'lost_before_port' ? 'the rest' : String(perMille);
    return [kind, row, share, fault?.fault ?? ''];
  });
  expect(told).toEqual(played);
});

test('every row that a fault implies is a row of the triage table', () => {
  const rows = new Set(triageTable.map(({ row }) => row));
  expect(told.filter(([, row = '']) => !rows.has(row))).toEqual([]);
});
