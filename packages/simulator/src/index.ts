import { alipayDoors } from './alipay/doors.ts';
import { openApiPostman } from './alipay/openapi/postman.ts';
import { machineNow } from './clock.ts';
import type { ClockMode } from './clock.ts';
import { Connections } from './connections.ts';
import { portDoors } from './port/doors.ts';
import { listen } from './server.ts';
import { wechatDoors } from './wechat/doors.ts';
import { wechatPostman } from './wechat/postman.ts';
import { World } from './world.ts';

export type SimulatorOptions = {
  /** Folder of the books on disk; made when absent, continued when not empty. */
  readonly dataDir: string;
  /** TCP ports on the loopback address; 0 or absent = any free one. */
  readonly alipayPort?: number;
  readonly portPort?: number;
  readonly wechatPort?: number;
  /** Default `running`. */
  readonly clock?: ClockMode;
  /** Epoch milliseconds at which the simulated clock starts; books that are later already keep their time. Default: real now. */
  readonly at?: number;
  /** Real time, for the `running` clock. Default: the machine's. */
  readonly realNow?: () => number;
};

export type RunningSimulators = {
  readonly alipayUrl: string;
  readonly portUrl: string;
  readonly wechatUrl: string;
  readonly close: () => Promise<void>;
};

/** Starts both simulators in this process. Throws when a port is taken or a book cannot be read. */
export async function startSimulators(options: SimulatorOptions): Promise<RunningSimulators> {
  const realNow = options.realNow ?? machineNow;
  const world = new World(options.dataDir, options.clock ?? 'running', options.at, realNow);
  const connections = new Connections(world);
  const alipayPost = openApiPostman(world);
  const alipay = await listen(options.alipayPort ?? 0, alipayDoors(alipayPost), world, connections);
  const port = await listen(options.portPort ?? 0, portDoors, world, connections);
  const wechatPost = wechatPostman(world);
  const wechat = await listen(options.wechatPort ?? 0, wechatDoors(wechatPost), world, connections);
  alipayPost.start();
  wechatPost.start();
  const close = async () => {
    connections.releaseAll();
    await alipayPost.close();
    await wechatPost.close();
    const servers = [alipay.server, port.server, wechat.server];
    await Promise.all(
      servers.map((server) => {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        return closed;
      }),
    );
    world.close();
  };
  return { alipayUrl: alipay.url, portUrl: port.url, wechatUrl: wechat.url, close };
}
