import type { Simulators } from '../simulators.ts';

/** The simulators' control doors and books, as the replay uses them. */
export type SimulatorDoors = {
  post(door: 'alipay' | 'port', path: string, body: unknown): Promise<unknown>;
  get(door: 'alipay' | 'port', path: string): Promise<string>;
};

export function doorsOf({ alipayUrl, portUrl }: Pick<Simulators, 'alipayUrl' | 'portUrl'>): SimulatorDoors {
  const base = { alipay: alipayUrl, port: portUrl };
  return {
    async post(door, path, body) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(base[door] + path, { method: 'POST', headers, body: JSON.stringify(body) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
      return text === '' ? undefined : (JSON.parse(text) as unknown);
    },
    get: async (door, path) => (await fetch(base[door] + path)).text(),
  };
}
