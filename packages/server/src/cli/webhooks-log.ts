import { done, refuse, rfc3339 } from '../kernel/index.ts';
import { allowed, everyMerchant } from '../identity/index.ts';
import { readLog } from '../notifications/index.ts';
import type { LoggedDelivery } from '../notifications/index.ts';
import type { Words } from './answer.ts';
import { bilingualTable, time } from './layout.ts';
import { merchantsSeen } from './scope.ts';
import { firstArg, text } from './session.ts';
import type { Run } from './session.ts';
import { webhooksTexts as t } from './webhooks.texts.ts';

const deliveryStates = ['waiting', 'delivered', 'dead'] as const;

/** `webhooks log [W-1 | msg_…]`: a line for each message; of a single one, every try with the receiver's own words. */
export const webhookLog: Run = async (use, args, options) => {
  const given = text(options, 'state');
  const state = deliveryStates.find((one) => one === given);
  if (given !== undefined && !state)
    return refuse(
      'usage.bad_input',
      { field: '--state', value: given, problem: deliveryStates.join(' | ') },
      '--state',
    );
  const limit = Number(text(options, 'limit') ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > 500)
    return refuse('usage.bad_input', { field: '--limit', value: String(limit), problem: '1-500' }, '--limit');
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { db, actor } = opened.value;
  const may = allowed(actor, 'webhooks.read', actor.merchants.includes(everyMerchant) ? undefined : actor.merchants[0]);
  if (!may.ok) return may;
  const about = firstArg(args);
  const filter = {
    merchants: merchantsSeen(actor),
    limit,
    ...(about === '' ? {} : { about }),
    ...(state && { state }),
  };
  const found = await readLog(db, filter);
  const tries = about.startsWith('msg_') ? found.flatMap(triesOf) : found.flatMap(lastWordsOf);
  const lines = found.length === 0 ? [t.logNone] : [...linesOf(found), ...tries];
  const dead = found.find((one) => one.state === 'dead' && one.type !== 'webhook.test');
  const next = dead ? { next: `liushui webhooks redeliver ${dead.messageId}` } : {};
  return done({ exit: 0, lines, json: { deliveries: found.map(jsonOf) }, ...next });
};

function linesOf(found: readonly LoggedDelivery[]): Words[] {
  const rows = (lang: 'zh' | 'en'): string[][] =>
    found.map((one) => [
      ...[one.messageId, one.type, one.subject, one.endpointId, t.states[one.state][lang], String(one.tries.length)],
      ...[time(one.at), one.nextAt === undefined ? '' : time(one.nextAt)],
    ]);
  const [zh, en] = [bilingualTable(t.logHeads, rows('zh'), [5]), bilingualTable(t.logHeads, rows('en'), [5])];
  return zh.map((line, index) => ({ zh: line.zh, en: en[index]?.en ?? '' }));
}

type Try = LoggedDelivery['tries'][number];

function wordsOf(one: Try): Words {
  if (one.kind === undefined) return t.unheard;
  const said = one.httpStatus === undefined ? one.words : `HTTP ${one.httpStatus} ${one.words}`;
  const line = `${said.replace(/\s+/g, ' ').trim()}${one.ms === undefined ? '' : ` (${one.ms} ms)`}`;
  return { zh: line, en: line };
}

function triesOf({ endpointId, tries }: LoggedDelivery): Words[] {
  return tries.map((one) => {
    const { zh, en } = wordsOf(one);
    const head = `  ${endpointId}  ${one.try}.  ${time(one.startedAt)}  `;
    return { zh: head + zh, en: head + en };
  });
}

/** What a receiver said last, of messages it did not take. */
function lastWordsOf({ messageId, state, tries }: LoggedDelivery): Words[] {
  const last = tries.at(-1);
  if (state === 'delivered' || !last) return [];
  const { zh, en } = wordsOf(last);
  return [{ zh: `  ${messageId}  ${zh}`, en: `  ${messageId}  ${en}` }];
}

const jsonOf = (one: LoggedDelivery): Record<string, unknown> => ({
  ...{ message: one.messageId, merchant: one.merchantId, type: one.type, subject: one.subject, at: rfc3339(one.at) },
  ...{ endpoint: one.endpointId, state: one.state, failures: one.failures },
  next_at: one.nextAt === undefined ? null : rfc3339(one.nextAt),
  tries: one.tries.map((each) => ({
    ...{ try: each.try, started_at: rfc3339(each.startedAt), kind: each.kind ?? 'unheard' },
    ...{ http_status: each.httpStatus ?? null, words: each.words, ms: each.ms ?? null },
  })),
});
