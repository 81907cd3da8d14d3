import type { Instant, Result } from '../kernel/index.ts';
import type { Role } from '../identity/index.ts';
import type { Config } from '../platform/config.ts';
import type { Words } from './answer.ts';
import type { BackupDoors } from './backup-doors.ts';
import type { Session } from './open-session.ts';

export type StartStep = 'settings' | 'database' | 'schema' | 'contents' | 'server';

export type RunningSandbox = {
  readonly address: string;
  readonly busyPort: number | undefined;
  readonly simulators: { readonly alipay: string; readonly wechat: string; readonly port: string };
  readonly dataFolder: string;
  readonly loginsFolder: string;
  /** Login or key by name; empty from the second start on. */
  readonly firstLogins: Readonly<Record<string, string>>;
  readonly clockAt: Instant;
  readonly readyInMs: number;
  readonly databaseLost: Promise<void>;
  stop(): Promise<void>;
};

export type RunningServer = {
  readonly bornAs: string;
  readonly address: string | undefined;
  readonly busyPort: number | undefined;
  stop(): Promise<void>;
};

export type Person = {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly claim: string;
};

export type ProductionWish = {
  readonly people: readonly Person[];
  readonly merchant: { readonly id: string; readonly nameZh: string; readonly nameEn: string };
};

/** One line of `doctor`. */
export type Finding = {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: Words;
  readonly wayOut?: Words;
};

export type MigrationReport = {
  readonly database: number;
  readonly program: number;
  readonly files: readonly { readonly name: string; readonly worksWith: number }[];
  readonly applied: boolean;
  readonly processes: readonly {
    readonly host: string;
    readonly pid: number;
    readonly role: string;
    readonly program: string;
    readonly schema: number;
    readonly shutOut: boolean;
  }[];
};

export type ReplayWish = {
  readonly orders: number;
  readonly seed: number;
  readonly signing: 'A' | 'B' | 'C' | 'none';
  readonly skipDay: boolean;
  readonly dataFolder: string | undefined;
  readonly resume: boolean;
};

export type ReplayStep = {
  readonly stage: string;
  readonly at: string;
  readonly done?: number;
  readonly of?: number;
  readonly alert?: { readonly at: string; readonly afterMinutes: number };
};

/** The figures, and the page that shows them: made only for whoever wants it. */
export type Played = { readonly figures: Readonly<Record<string, unknown>>; html(): Promise<string> };

/** What only the wiring can open; main.ts hands it in, because the command line does not know app/. */
export type Doors = {
  openSession(config: Config, log: (line: string) => void): Promise<Result<Session>>;
  /** Where `login` keeps this user's token, and where a sandbox's first logins lie. */
  loginFile(config: Config): string;
  firstLoginsFolder(config: Config): string;
  start(config: Config, told: (step: StartStep, about: string, ms: number) => void): Promise<Result<RunningSandbox>>;
  serve(config: Config, role: string): Promise<Result<RunningServer>>;
  initProduction(config: Config, wish: ProductionWish): Promise<Result<void>>;
  /** Makes this login, which its owner made before, theirs here. */
  claimLogin(config: Config, token: string): Promise<Result<{ readonly userId: string }>>;
  examine(config: Config): Promise<readonly Finding[]>;
  readonly backup: BackupDoors;
  /** Brings the database forward beside those that serve, or only looks. */
  migrate(config: Config, look: boolean): Promise<Result<MigrationReport>>;
  replay(config: Config, wish: ReplayWish, told: (step: ReplayStep) => void): Promise<Result<Played>>;
};
