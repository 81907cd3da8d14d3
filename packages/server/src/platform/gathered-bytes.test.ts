import { expect, test } from 'vitest';
import { GatheredBytes } from './gathered-bytes.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

test('pieces leave as one, in their order, also where they are more than was expected', () => {
  const gathered = new GatheredBytes(4);
  for (const piece of ['', 'one', 'two', 'three and more']) gathered.write(Buffer.from(piece));
  expect(gathered.length).toBe(20);
  expect(text(gathered.take())).toBe('onetwothree and more');
});

test('what was taken is not there again, and what is written next begins anew', () => {
  const gathered = new GatheredBytes(4);
  gathered.write(Buffer.from('gone'));
  gathered.take();
  expect([gathered.length, text(gathered.take())]).toEqual([0, '']);
  gathered.write(Buffer.from('on'));
  expect(text(gathered.take())).toBe('on');
});

test('a piece may change after it was written', () => {
  const gathered = new GatheredBytes(8);
  const piece = Buffer.from('kept');
  gathered.write(piece);
  piece.fill('x');
  expect(text(gathered.take())).toBe('kept');
});
