import { createServer } from 'node:http';
import type { App } from './parts.ts';

/** What answers on the API's port. */
export type ApiServer = {
  /** @throws with code EADDRINUSE when the port is taken. */
  listen(options: { readonly host: string; readonly port: number }): Promise<string>;
  close(): Promise<unknown>;
};

export function createApi(_app: App): ApiServer {
  const server = createServer((_request, response) => void response.writeHead(503).end());
  return {
    listen: ({ host, port }) =>
      new Promise((settle, fail) => {
        server.once('error', fail);
        server.listen(port, host, () => {
          const address = server.address();
          settle(`http://${host}:${typeof address === 'object' && address ? address.port : port}`);
        });
      }),
    close: () => new Promise((settle) => server.close(settle)),
  };
}
