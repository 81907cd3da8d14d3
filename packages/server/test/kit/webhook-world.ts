import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { openInstallation } from '../../src/app/installation.ts';
import { openApp } from '../../src/app/parts.ts';
import type { App } from '../../src/app/parts.ts';
import { Stepper } from '../../src/app/stepper.ts';
import { foundUsers, systemActor } from '../../src/identity/index.ts';
import type { Result } from '../../src/kernel/index.ts';
import { decideEndpoint, notify, proposeEndpoint } from '../../src/notifications/index.ts';
import type { NewEvent } from '../../src/notifications/index.ts';
import { SteppedClock } from '../../src/platform/clock.ts';
import { seededRandomBytes } from '../../src/platform/ids.ts';
import { useDatabase } from './database.ts';
import type { TestDatabase } from './database.ts';
import { startReceiver } from './receiver.ts';
import type { Receiver } from './receiver.ts';
import { at, merchant, wang, zhao } from './world.ts';

export const good = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.refusal));
  return result.value;
};

/** What one merchant is told, on a moved clock; receivers close after each test. */
export class WebhookWorld {
  readonly app: App;
  readonly clock: SteppedClock;
  readonly stepper: Stepper;
  readonly receivers: Receiver[];

  constructor(app: App, clock: SteppedClock, receivers: Receiver[]) {
    this.app = app;
    this.clock = clock;
    this.stepper = new Stepper(app.worker, app.db, clock);
    this.receivers = receivers;
  }

  async receiver(): Promise<Receiver> {
    const made = await startReceiver();
    this.receivers.push(made);
    return made;
  }

  /** A live endpoint and its secret: proposed by one, approved by another. */
  async endpoint(url: string, types?: readonly string[]): Promise<{ readonly id: string; readonly secret: string }> {
    const wish = { merchantId: merchant, url, types };
    const asked = good(await proposeEndpoint(this.app.webhooks, wang, wish, 'test'));
    good(await decideEndpoint(this.app.webhooks, zhao, asked.approvalId, 'approve', ''));
    return { id: asked.id, secret: asked.secret };
  }

  tell(...events: readonly NewEvent[]): Promise<void> {
    return this.app.db.transaction((tx) => notify(tx, events, this.clock.now()));
  }

  /** Lets time pass; every due try is made. */
  pass(ms: number): Promise<void> {
    return this.stepper.runUntil((this.clock.now() + ms) as ReturnType<SteppedClock['now']>);
  }

  query(text: string, ...values: readonly unknown[]): Promise<Record<string, unknown>[]> {
    return this.app.db.query(text, values);
  }
}

export const incident = (number: number, more: Partial<NewEvent> = {}): NewEvent => ({
  ...{ merchantId: merchant, type: 'incident.opened', subject: `I-${number}` },
  data: { incident: `I-${number}`, members: 412, minor: 17_304_000n, currency: 'CNY' },
  ...more,
});

export function useWebhookWorld(start: string): { readonly world: WebhookWorld; readonly database: TestDatabase } {
  const database = useDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'liushui-webhooks-'));
  const receivers: Receiver[] = [];
  let made: WebhookWorld | undefined;
  beforeAll(async () => {
    const hanging = (): number => receivers.reduce((sum, one) => sum + one.hanging(), 0);
    const clock = new SteppedClock(at(start), () => Promise.resolve(hanging()));
    const installation = good(await openInstallation(database.db, 'sandbox', at(start)));
    const listen = { host: '127.0.0.1', port: 0 };
    const config = { dataFolder: folder, lang: 'en', colour: false, accessible: true, listen } as const;
    const logs = { logTo: 'stderr', logLevel: 'error' } as const;
    const random = seededRandomBytes(start);
    const app = good(await openApp({ config, db: database.db, installation, ...logs, clock, random }));
    await database.db.transaction(async (tx) => {
      await tx.query(
        `insert into merchants (id, name_zh, name_en, created_at) values ($1, '', '', now()), ('other', '', '', now())`,
        [merchant],
      );
      const people = [wang, zhao].map(({ userId, name, roles, merchants }) => ({ id: userId, name, roles, merchants }));
      await foundUsers(tx, people, systemActor, { at: clock.now(), ids: app.customs.ids });
    });
    made = new WebhookWorld(app, clock, receivers);
  }, 120_000);
  afterEach(async () => {
    for (const receiver of receivers.splice(0)) receiver.close();
    // Each test has its own endpoints: what an earlier one left waiting does not come into it.
    const tables = ['tries', 'deliveries', 'events', 'secrets', 'endpoints'].map((name) => `webhook_${name}`);
    for (const table of [...tables, 'jobs', 'cases']) await database.db.query(`delete from ${table}`);
    await database.db.query(`delete from lanes where id like 'webhook/%'`);
  });
  afterAll(async () => {
    await made?.app.close();
    made?.clock.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    database,
    get world() {
      if (!made) throw new Error('the world is made in beforeAll');
      return made;
    },
  };
}
