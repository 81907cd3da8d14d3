/**
 * Answers that attack the reader. A process of its own reads them, so that its peak memory can be told from everyone else's.
 */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const limitMs = 1000;
const limitKiB = 32 * 1024;

/** Runs in the child: prints one line per answer with its verdicts, its time, and how far the peak has risen since the first. */
const child = `
import connector from '${import.meta.dirname}/index.ts';
import channelFixtures from '${import.meta.dirname}/fixtures/index.ts';
import fixture from '${import.meta.dirname}/fixtures/query-found-and-not-found-signed-a.json' with { type: 'json' };
const { secrets, wire } = channelFixtures;
const account = { id: 'test', settings: fixture.settings };
const read = (body) => connector.customs.query.interpret({ status: 200, headers: {}, body }, fixture.instructions, account, secrets, 0);
const MiB = 1048576;
const text = (value) => new TextEncoder().encode(value);
const inside = (inner) => text('<?xml version="1.0" encoding="utf-8"?><alipay><is_success>T</is_success><response><alipay><result_code>SUCCESS</result_code>' + inner + '</alipay></response></alipay>');
const laughs = Array.from({ length: 20 }, (_, level) => '<!ENTITY e' + (level + 1) + ' "' + ('&e' + level + ';').repeat(10) + '">').join('');
const hostile = {
  'entity bomb': text('<?xml version="1.0"?><!DOCTYPE alipay [<!ENTITY e0 "ha">' + laughs + ']><alipay><is_success>T</is_success><error>&e20;</error></alipay>'),
  'external entity': text('<!DOCTYPE alipay SYSTEM "http://127.0.0.1/x"><alipay><is_success>F</is_success><error>ILLEGAL_SIGN</error></alipay>'),
  'fifty MiB': new Uint8Array(50 * MiB).fill(0x20),
  'fifty MiB of open elements': new Uint8Array(50 * MiB).map((_, at) => '<a>'.charCodeAt(at % 3)),
  'deep nesting': inside('<a>'.repeat(20000) + '</a>'.repeat(20000)),
  'open elements within the size': text('<a>'.repeat(349000)),
  'a hundred thousand attributes': inside('<a ' + Array.from({ length: 100000 }, (_, n) => 'a' + n + '=""').join(' ') + '/>').subarray(0, MiB),
  'ninety thousand whole attributes': inside('<a ' + Array.from({ length: 90000 }, (_, n) => 'a' + n + '=""').join(' ') + '/>'),
  'brackets only': text('<'.repeat(MiB - 10)),
  'comments that never end': text('<a>' + '<!--'.repeat(200000)),
  'character references': inside('<records>' + '&#65;'.repeat(200000) + '</records>'),
  'white space between brackets': inside('<records><a>' + ' '.repeat(261000) + '</a></records>'),
  'as many attributes as pass': inside('<a ' + Array.from({ length: 4990 }, (_, n) => 'a' + n + '="' + 'x'.repeat(40) + '"').join(' ') + '/>'),
  'as many character references as pass': inside('<records>' + ('&#65;' + ' '.repeat(45)).repeat(4990) + '</records>'),
  'as many elements as pass': inside('<records>' + ('<customs_declare>' + 'x'.repeat(70) + '</customs_declare>').repeat(2400) + '</records>'),
  'a record of one huge text': inside('<records><customs_declare><out_request_no>' + '['.repeat(260000) + '</out_request_no></customs_declare></records>'),
  'a megabyte of text': inside('<records>' + 'x'.repeat(MiB - 200) + '</records>'),
  'many elements': inside('<records>' + '<customs_declare/>'.repeat(19000) + '</records>'),
};
for (let warm = 0; warm < 50; warm += 1) read(wire(fixture).body);
globalThis.gc();
const peak = process.resourceUsage().maxRSS;
for (const [name, body] of Object.entries(hostile)) {
  const started = performance.now();
  const { byRequestNo } = read(body);
  const ms = performance.now() - started;
  const verdicts = [...byRequestNo.values()].map(({ kind }) => kind);
  console.log(JSON.stringify({ name, verdicts, ms, grownKiB: process.resourceUsage().maxRSS - peak }));
}
`;

type Line = {
  readonly name: string;
  readonly verdicts: readonly string[];
  readonly ms: number;
  readonly grownKiB: number;
};

test('a hostile answer ends in doubt within a second and 32 MiB', () => {
  const printed = execFileSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', child], {
    encoding: 'utf8',
  });
  const lines = printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  expect(lines.length).toBeGreaterThan(10);
  for (const { name, verdicts, ms, grownKiB } of lines) {
    expect(verdicts, name).toEqual(['in_doubt', 'in_doubt']);
    expect(ms, name).toBeLessThan(limitMs);
    expect(grownKiB, name).toBeLessThan(limitKiB);
  }
});
