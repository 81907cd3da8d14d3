import { done } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import type { Actor } from '../../identity/index.ts';
import type { AppClock } from '../../platform/clock.ts';
import type { Config } from '../../platform/config.ts';
import type { Database } from '../../platform/db.ts';
import type { Ids } from '../../platform/ids.ts';
import type { BackupManifest } from './manifest.ts';
import type { Restored, RestoreWish } from './restore.ts';
import type { TakenBackup, Told } from './take.ts';

/** One command at work, as far as a backup needs to know it. */
type AtWork = {
  readonly db: Database;
  readonly actor: Actor;
  readonly clock: AppClock;
  readonly customs: { readonly ids: Ids };
};

/** For the command line. Loaded when asked for, as the other doors are. */
export const backupDoors = {
  async take({ db, actor, clock, customs }: AtWork, to: string, told: Told): Promise<Result<TakenBackup>> {
    const { takeBackup } = await import('./take.ts');
    return takeBackup(db, to, actor, { at: clock.now(), ids: customs.ids }, told);
  },
  async check(file: string, told: Told): Promise<Result<{ sha256: string; manifest: BackupManifest }>> {
    const { checkBackup } = await import('./read.ts');
    const checked = await checkBackup(file, told);
    if (!checked.ok) return checked;
    const { sha256, manifest } = checked.value;
    await checked.value.close();
    return done({ sha256, manifest });
  },
  async restore(config: Config, wish: RestoreWish, told: Told): Promise<Result<Restored>> {
    const { restoreBackup } = await import('./restore.ts');
    return restoreBackup(config, wish, told);
  },
};
