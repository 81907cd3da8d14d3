import { join } from 'node:path';

/**
 * Where the server may have a socket: statements cost a third less than over loopback. Not on Windows, nor where the path is longer than the
 * system's addresses of sockets (unix(7): 108 bytes, 104 on macOS).
 */
export function socketFolderOf(dataDir: string): string | undefined {
  const isLong = Buffer.byteLength(join(dataDir, socketName(65_535))) > 100;
  return process.platform === 'win32' || isLong || /[",]/.test(dataDir) ? undefined : dataDir;
}

/** PostgreSQL manual, `unix_socket_directories`. */
export const socketName = (port: number): string => `.s.PGSQL.${port}`;

/** Settings of the embedded server, as `-c name=value`, so that an upgrade of the program changes them without touching the cluster. Sized for 2 cores and 2 GB. */
export function settingsOf(durable: boolean, socketFolder: string | undefined): string[] {
  const settings = [
    'listen_addresses=127.0.0.1', // it bundles an OpenSSL and ICU out of support: never on the network
    `unix_socket_directories=${socketFolder === undefined ? '' : `"${socketFolder}"`}`,
    'password_encryption=scram-sha-256',
    'timezone=UTC',
    'log_timezone=UTC',
    'lc_messages=C',
    'log_line_prefix=%m [%p] %a ',
    'log_min_duration_statement=2s',
    'log_parameter_max_length=0', // what a slow statement was given is merchants' data
    'log_parameter_max_length_on_error=0',
    'max_connections=100',
    'effective_cache_size=1GB',
    'work_mem=16MB',
    'maintenance_work_mem=128MB',
    'random_page_cost=1.1',
    'max_parallel_workers_per_gather=0', // two cores, and containers have 64 MB of /dev/shm
    'jit=off',
    'autovacuum_naptime=15s',
  ];
  if (durable) return [...settings, 'shared_buffers=256MB', 'max_wal_size=2GB', 'checkpoint_timeout=10min'];
  return [
    ...settings,
    'shared_buffers=128MB',
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    'wal_level=minimal',
    'max_wal_senders=0',
    'autovacuum=off',
  ];
}
