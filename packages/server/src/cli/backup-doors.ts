import type { Result } from '../kernel/index.ts';
import type { Config } from '../platform/config.ts';
import type { Session } from './open-session.ts';

/** What a backup says about itself, as far as people are told of it. Names as in its manifest. */
export type BackupAbout = {
  readonly taken_at: string;
  readonly program: string;
  readonly born_as: string;
  readonly epoch: number;
  readonly master_key: string | null;
  readonly schema: readonly unknown[];
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly bytes: number }[];
};

export type BackupKept = { readonly sha256: string; readonly manifest: BackupAbout };

export type RestoredLife = BackupKept & {
  readonly epoch: number;
  readonly lanes: readonly string[];
  readonly asked: number;
  readonly pausedPlans: readonly string[];
  readonly stoppedPlans: readonly string[];
  readonly tokens: number;
  readonly lapsed: readonly string[];
  readonly lostResults: number;
};

type Told = (step: { readonly table: string; readonly done: number; readonly of: number }) => void;

/** Only the wiring knows how a backup is written and how a new life begins. */
export type BackupDoors = {
  take(session: Session, to: string, told: Told): Promise<Result<BackupKept & { readonly file: string }>>;
  check(file: string, told: Told): Promise<Result<BackupKept>>;
  restore(
    config: Config,
    wish: { readonly file: string; readonly reason: string; readonly epoch?: number },
    told: Told,
  ): Promise<Result<RestoredLife>>;
};
