import { createHash } from 'node:crypto';

export const backupFormat = 'liushui-backup-1';
/** The last files of a backup: what it holds, and the digest of that. */
export const manifestName = 'manifest.json';
export const manifestDigestName = 'manifest.sha256';

export type BackedUpTable = {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
};

/** What a backup says about itself. JSON names as in the file: people read it. */
export type BackupManifest = {
  readonly format: typeof backupFormat;
  /** RFC 3339, by the installation's own clock. */
  readonly taken_at: string;
  readonly program: string;
  readonly server_version: string;
  readonly born_as: 'sandbox' | 'production';
  readonly epoch: number;
  readonly cluster_identity: string;
  /** The master key that opens it; it is never in here. Null: nothing in it is sealed. */
  readonly master_key: string | null;
  readonly schema: readonly { readonly version: number; readonly name: string; readonly sha256: string }[];
  readonly tables: readonly BackedUpTable[];
};

export function fileOf(table: string): string {
  return `${table}.copy`;
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** `sha256sum --check` reads this line. */
export function digestLine(sha256: string): string {
  return `${sha256}  ${manifestName}\n`;
}

/** Undefined when it is no manifest of this format. Its digest was compared before: what stands in it is what was written. */
export function readManifest(text: string): BackupManifest | undefined {
  try {
    const value = JSON.parse(text) as Partial<BackupManifest> | null;
    const whole = value?.format === backupFormat && Array.isArray(value.tables) && Array.isArray(value.schema);
    return whole ? (value as BackupManifest) : undefined;
  } catch {
    return undefined;
  }
}
