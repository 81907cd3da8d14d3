// A second process beside the one of a journey, whose worker stands still between the committed row and the socket.
import { performance } from 'node:perf_hooks';
import { openInstallation } from '../../src/app/installation.ts';
import { openApp } from '../../src/app/parts.ts';
import type { AppClock } from '../../src/platform/clock.ts';
import type { Sent } from '../../src/platform/transport.ts';
import type { PayWorld } from './pay-world.ts';

export type PausedWorker = {
  /** Resolves when its call is written down and about to be sent. */
  readonly stands: Promise<void>;
  /** It goes on, and what came of each of its calls; `sleptMs` by the monotonic clock of its machine. */
  readonly wake: (sleptMs: number) => Promise<readonly Sent[]>;
};

/** Works what is due now with a worker that stops before its first call leaves. */
export async function pauseBeforeSend({ app, clock }: PayWorld): Promise<PausedWorker> {
  const [gate, stands] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let isStill = false;
  const own: AppClock = {
    now: () => clock.now(),
    callAt: (at, callback) => clock.callAt(at, callback),
    sleepUntil: () => {
      isStill = true;
      stands.resolve();
      return gate.promise;
    },
    // All of the process stands still: it looks for no other work meanwhile.
    busy: (work) => (isStill ? gate.promise.then(work) : work()),
    outside: (work) => work(),
  };
  const installation = await openInstallation(app.db, 'sandbox', clock.now());
  if (!installation.ok) throw new Error(installation.refusal.code);
  const shared = { config: app.config, db: app.db, installation: installation.value, clock: own };
  const opened = await openApp({ ...shared, logTo: 'stderr', logLevel: 'error' });
  if (!opened.ok) throw new Error(opened.refusal.code);
  const { worker, transport } = opened.value;
  const sent: Promise<Sent>[] = [];
  const send = transport.send.bind(transport);
  Object.assign(transport, {
    send: (...given: Parameters<typeof send>) => {
      const ended = send(...given);
      sent.push(ended);
      return ended;
    },
  });
  const running = worker.runDue();
  return {
    stands: Promise.race([
      stands.promise,
      running.then(() => Promise.reject(new Error('it came to rest before it had anything to send'))),
    ]),
    async wake(sleptMs) {
      const now = performance.now.bind(performance);
      performance.now = () => now() + sleptMs;
      try {
        worker.stop(); // what it does after the call is any worker's work
        gate.resolve();
        await running;
        return await Promise.all(sent);
      } finally {
        performance.now = now;
        await opened.value.close();
      }
    },
  };
}
