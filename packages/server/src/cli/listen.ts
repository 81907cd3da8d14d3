import type { Command } from 'commander';
import { done, parseShanghai, plus, refuse, rfc3339 } from '../kernel/index.ts';
import type { Instant, Result } from '../kernel/index.ts';
import { openForwarder } from '../notifications/index.ts';
import type { ForwardedTry, Forwarder } from '../notifications/index.ts';
import { systemClock } from '../platform/clock.ts';
import { systemRandomBytes } from '../platform/ids.ts';
import type { Answer, Words } from './answer.ts';
import { plain } from './answer.ts';
import { readDuration } from './layout.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { listenTexts as t } from './listen.texts.ts';
import { text } from './session.ts';
import type { Options, Run, Use } from './session.ts';

export function listenCommand(kit: Kit, program: Command): void {
  leaf(kit, program, 'listen', t.about, listen, [
    ['--forward-to <url>', t.toOption],
    ['--types <types>', t.typesOption],
    ['--since <when>', t.sinceOption],
    ['--secret <secret>', t.secretOption],
  ]);
}

const lookEveryMs = 300;

const listen: Run = async (use, _args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { sandbox, actor, db, transport, clock } = opened.value;
  if (!sandbox) return refuse('sandbox.only', { what: 'listen' });
  const wish = wishOf(options, clock.now());
  if (!wish.ok) return wish;
  const real = systemClock();
  const forwarder = openForwarder({ db, transport, clock: real, random: systemRandomBytes }, actor, wish.value);
  if (!forwarder.ok) return forwarder;
  const { url, secret } = forwarder.value;
  use.print({ exit: 0, lines: [t.begun(url, secret)], json: { forward_to: url, secret } });
  use.tell.line(t.hint);
  await forwardUntilStopped(use, forwarder.value);
  return done(farewell(forwarder.value));
};

type Wish = Parameters<typeof openForwarder>[2];

function wishOf(options: Options, now: Instant): Result<Wish> {
  const url = text(options, 'forwardTo');
  if (url === undefined) return bad('--forward-to', '', 'http://127.0.0.1:9000/hook');
  const secret = text(options, 'secret');
  // Standard Webhooks 1.0, "Signature scheme": 24 to 64 bytes in base64.
  if (secret !== undefined && !/^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/.test(secret)) return bad('--secret', '', 'whsec_…');
  const given = text(options, 'since');
  const ago = given === undefined ? 0 : readDuration(given);
  const since = ago === undefined ? parseShanghai(given ?? '') : plus(now, -ago);
  if (since === undefined) return bad('--since', given ?? '', '10m, 2h, "2015-10-28 16:20"');
  const types = text(options, 'types')
    ?.split(',')
    .map((type) => type.trim());
  return done({ url, secret, since, types });
}

const bad = (field: string, value: string, problem: string): Result<never> =>
  refuse('usage.bad_input', { field, value, problem }, field);

/** By asking the log: whoever commits an event does not know of this process. */
async function forwardUntilStopped(use: Use, forwarder: Forwarder): Promise<void> {
  const real = systemClock();
  let isStopped = false;
  const stopped = use.untilStopped().then(() => void (isStopped = true));
  while (!isStopped) {
    await forwarder.look(
      (one) => use.print(lineOf(one)),
      () => isStopped,
    );
    await Promise.race([stopped, real.sleepUntil(plus(real.now(), lookEveryMs))]);
  }
}

function lineOf(one: ForwardedTry): Answer {
  const { event, httpStatus, words, ms, delivered, againInMs } = one;
  const inWords = (lang: keyof Words): string => {
    const said = httpStatus === undefined ? `${t.noAnswer[lang]}${words}` : `HTTP ${httpStatus} ${words}`;
    const shown = delivered ? `HTTP ${String(httpStatus)}` : said.replace(/\s+/g, ' ').trim();
    const then = againInMs === undefined ? t.passedOver : t.retry(againInMs / 1000);
    const again = event.isAgain ? t.again[lang] : '';
    const took = ms === undefined ? '' : ` (${ms} ms)`;
    return `${event.id}${again}  ${event.type}  ${event.subject}  ${shown}${took}${delivered ? '' : then[lang]}`;
  };
  const json = {
    ...{ event: event.id, type: event.type, subject: event.subject, at: rfc3339(event.at), again: event.isAgain },
    ...{ try: one.try, delivered, http_status: httpStatus ?? null, words, ms: ms ?? null },
    again_in_ms: againInMs ?? null,
  };
  return { exit: 0, lines: [{ zh: inWords('zh'), en: inWords('en') }], json };
}

/** An interrupted command: what the shop has not taken is named. */
function farewell({ undelivered }: Forwarder): Answer {
  const lines =
    undelivered.length === 0
      ? [t.allTaken]
      : [t.notTaken(undelivered.length), ...undelivered.map(({ id, type }) => plain(`  ${id}  ${type}`))];
  return { exit: 130, lines, json: { undelivered: undelivered.map(({ id }) => id) } };
}
