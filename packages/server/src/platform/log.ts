import { pino } from 'pino';
import { rfc3339 } from '../kernel/index.ts';
import type { Clock, Instant } from '../kernel/index.ts';
import { redact, redactText } from './log-redaction.ts';

export type LogFields = Readonly<Record<string, unknown>>;

/** `event` says what happened in fixed words; what varies goes into the fields, so that logs can be counted. */
export type Log = {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** The same log with these fields in every line. */
  with(fields: LogFields): Log;
};

export type LogOptions = {
  readonly clock: Clock;
  /** A file that is appended to, or stderr: stdout belongs to results. */
  readonly to: { readonly file: string } | 'stderr' | { write(line: string): void };
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
};

/** JSON lines with Beijing times of our own clock. Secrets, names and numbers of people are masked before anything is written. */
export function createLog(options: LogOptions): Log {
  const { clock, level } = options;
  const settings = {
    level,
    base: { pid: process.pid },
    timestamp: () => `,"time":"${logTime(clock.now())}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return wrap(pino(settings, destinationOf(options.to)), {});
}

function destinationOf(to: LogOptions['to']): pino.DestinationStream {
  // Written at once: the lines before a kill are the ones that somebody will want to read.
  if (to === 'stderr') return pino.destination({ dest: 2, sync: true });
  return 'file' in to ? pino.destination({ dest: to.file, sync: true, mkdir: true, append: true }) : to;
}

function wrap(logger: pino.Logger, always: LogFields): Log {
  const line = (level: 'debug' | 'info' | 'warn' | 'error') => (event: string, fields?: LogFields) => {
    if (!logger.isLevelEnabled(level)) return;
    logger[level](redact({ ...always, ...fields }), redactText(event));
  };
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    with: (fields) => wrap(logger, { ...always, ...fields }),
  };
}

/** RFC 3339 with milliseconds and the offset of Beijing. */
function logTime(at: Instant): string {
  const ms = String(Math.floor(at) % 1000).padStart(3, '0');
  return rfc3339(at).replace('+', `.${ms}+`);
}
