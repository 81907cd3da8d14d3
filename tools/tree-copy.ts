import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The folders that are links into the tree itself: a copy must point at its own. */
const ownScope = '@liushui';
const workspaces = { server: 'packages/server', simulator: 'packages/simulator', sdk: 'packages/sdk', tools: 'tools' };

function linkModules(root: string, copy: string): void {
  const modules = join(copy, 'node_modules');
  mkdirSync(join(modules, ownScope), { recursive: true });
  for (const name of readdirSync(join(root, 'node_modules')))
    if (name !== ownScope && !['.cache', '.vite', '.vite-temp'].includes(name))
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
  for (const [name, folder] of Object.entries(workspaces))
    symlinkSync(join(copy, folder), join(modules, ownScope, name), 'dir');
}

export function trackedFiles(root: string): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return listed.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
}

/** A copy of the tracked tree in a temporary folder, with the installed packages linked. The caller removes it. */
export function copyTree(root: string): string {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'liushui-tree-')));
  for (const path of trackedFiles(root)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  linkModules(root, copy);
  return copy;
}
