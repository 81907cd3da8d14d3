import { readdirSync } from 'node:fs';
import { assert } from '../kernel/index.ts';
import type { Connector } from './contract/index.ts';

/** The channels that this installation has. Nobody names one: ask by id (architecture rule 14). */
export type ChannelRegistry = {
  get(id: string): Connector | undefined;
  all(): readonly Connector[];
};

/** Every folder beside this file except the contract is a channel. A new channel is a new folder and nothing else. */
export async function readChannels(...directories: readonly string[]): Promise<ChannelRegistry> {
  const connectors = new Map<string, Connector>();
  for (const directory of directories.length === 0 ? [import.meta.dirname] : directories)
    for (const folder of foldersIn(directory)) {
      const loaded = (await import(`${directory}/${folder}/index.ts`)) as { default: Connector };
      const { id } = loaded.default.manifest;
      assert(id === folder, `channel folder ${folder} carries the id ${id}`);
      assert(!connectors.has(id), `two folders carry the id ${id}`);
      connectors.set(id, loaded.default);
    }
  return { get: (id) => connectors.get(id), all: () => [...connectors.values()] };
}

const foldersIn = (directory: string): readonly string[] =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'contract')
    .map((entry) => entry.name)
    .sort();
