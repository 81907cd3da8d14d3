import { readdirSync } from 'node:fs';
import { assert } from '../kernel/index.ts';
import type { Connector } from './contract/index.ts';

/** The channels that this installation has. Nobody names one: ask by id (architecture rule 14). */
export type ChannelRegistry = {
  get(id: string): Connector | undefined;
  all(): readonly Connector[];
};

/** Reads every folder beside this file, except the contract. A new channel is a new folder and nothing else. */
export async function readChannels(directory = import.meta.dirname): Promise<ChannelRegistry> {
  const folders = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'contract')
    .map((entry) => entry.name)
    .sort();
  const connectors = new Map<string, Connector>();
  for (const folder of folders) {
    const loaded = (await import(`${directory}/${folder}/index.ts`)) as { default: Connector };
    assert(
      loaded.default.manifest.id === folder,
      `channel folder ${folder} carries the id ${loaded.default.manifest.id}`,
    );
    connectors.set(folder, loaded.default);
  }
  return { get: (id) => connectors.get(id), all: () => [...connectors.values()] };
}
