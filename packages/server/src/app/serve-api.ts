import type { AddressInfo } from 'node:net';
import { createServer } from '../api/server.ts';
import type { Config } from '../platform/config.ts';
import { StartRefused } from '../platform/postgres-refused.ts';
import type { App } from './parts.ts';

export type ListeningApi = {
  readonly address: string;
  /** The port that was asked for, when another process held it. */
  readonly busyPort: number | undefined;
  close(): Promise<void>;
};

const portsTried = 20;

/** Listens where it was told; a sandbox on the next free port otherwise. In production a proxy knows this port and no other. */
export async function listenNear(app: App, { host, port }: Config['listen']): Promise<ListeningApi> {
  for (let next = port; ; next++) {
    const server = createServer(app);
    try {
      await server.listen({ host, port: next });
      const bound = server.server.address() as AddressInfo;
      const shown = host.includes(':') ? `[${host}]` : host;
      const busyPort = next === port ? undefined : port;
      return { address: `http://${shown}:${bound.port}`, busyPort, close: () => server.close() };
    } catch (error) {
      await server.close();
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      if (app.installation.bornAs === 'production' || next >= port + portsTried)
        throw new StartRefused(
          'server.port_busy',
          `Another program listens on ${host}:${next}. Stop it, or set LIUSHUI_LISTEN.`,
        );
    }
  }
}
