import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ArchiveFile } from './archive-file.ts';
import { readEntry, readTarIndex, tarHead } from './tar.ts';

const folder = mkdtempSync(join(tmpdir(), 'liushui-tar-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('what is written is read again, and by the tar of this system too', async () => {
  const path = join(folder, 'a.tar');
  const archive = await ArchiveFile.create(path, 1_446_020_400);
  const contents = ['', 'x', 'y'.repeat(512), 'z'.repeat(513)];
  for (const [index, text] of contents.entries()) await archive.add(`f${index}`, (append) => append(Buffer.from(text)));
  await archive.finish();
  const file = await open(path, 'r');
  const index = await readTarIndex(file);
  expect(index?.map(({ name, size }) => [name, size])).toEqual(contents.map((text, at) => [`f${at}`, text.length]));
  for (const [at, entry] of (index ?? []).entries()) {
    const pieces: Buffer[] = [];
    for await (const piece of readEntry(file, entry)) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toBe(contents[at]);
  }
  await file.close();
  execFileSync('tar', ['-xf', path, '-C', folder]);
  for (const [at, text] of contents.entries()) expect(readFileSync(join(folder, `f${at}`), 'utf8')).toBe(text);
});

test('a file of more than eight gigabytes has a head that holds its size', async () => {
  const size = 9 * 1024 ** 3 + 5;
  const head = tarHead('large.copy', size, 0);
  // Its rows are not there, of which tar complains after it has listed the file.
  const { stdout } = spawnSync('tar', ['-tvf', '-'], { input: head, encoding: 'utf8' });
  expect(stdout).toContain(String(size));
});
