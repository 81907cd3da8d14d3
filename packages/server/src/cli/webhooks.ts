import type { Command } from 'commander';
import { done, hours, refuse, rfc3339 } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { allowed, everyMerchant } from '../identity/index.ts';
import {
  decideEndpoint,
  listEndpoints,
  proposeEndpoint,
  redeliver,
  rotateSecret,
  switchOff,
  testEndpoint,
} from '../notifications/index.ts';
import type { EndpointView } from '../notifications/index.ts';
import type { Answer, Words } from './answer.ts';
import { plain } from './answer.ts';
import { consentTexts } from './consent.texts.ts';
import { customsTexts } from './customs.texts.ts';
import { bilingualTable, readDuration, time } from './layout.ts';
import { group, leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import { merchantMeant, merchantsSeen } from './scope.ts';
import { firstArg, text } from './session.ts';
import type { Run, Session } from './session.ts';
import { webhookLog } from './webhooks-log.ts';
import { webhooksTexts as t } from './webhooks.texts.ts';

export function webhookCommands(kit: Kit, program: Command): void {
  const webhooks = group(kit, program, 'webhooks', t.group);
  const reason = ['--reason <text>', consentTexts.reasonOption] as const;
  leaf(kit, webhooks, 'add <url>', t.addAbout, add, [
    ['--types <types>', t.typesOption],
    ['--merchant <id>', customsTexts.merchantOption],
    reason,
  ]);
  leaf(kit, webhooks, 'approve <approval>', t.approveAbout, decide('approve'), [reason]);
  leaf(kit, webhooks, 'refuse <approval>', t.refuseAbout, decide('refuse'), [reason]);
  leaf(kit, webhooks, 'list', t.listAbout, list);
  leaf(kit, webhooks, 'log [about]', t.logAbout, webhookLog, [
    ['--state <state>', t.stateOption],
    ['--limit <count>', t.limitOption],
  ]);
  leaf(kit, webhooks, 'redeliver <what>', t.redeliverAbout, again, [reason]);
  leaf(kit, webhooks, 'rotate <endpoint>', t.rotateAbout, rotate, [['--overlap <time>', t.overlapOption], reason]);
  leaf(kit, webhooks, 'test <endpoint>', t.testAbout, test);
  leaf(kit, webhooks, 'off <endpoint>', t.offAbout, off, [reason]);
}

const add: Run = async (use, args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { webhooks, actor } = opened.value;
  const merchantId = await merchantMeant(opened.value, options);
  if (!merchantId.ok) return merchantId;
  const types = text(options, 'types')
    ?.split(',')
    .map((type) => type.trim());
  const wish = { merchantId: merchantId.value, url: firstArg(args), types };
  const proposed = await proposeEndpoint(webhooks, actor, wish, text(options, 'reason') ?? '');
  if (!proposed.ok) return proposed;
  const { id, url, secret, approvalId, digest, lapsesAt } = proposed.value;
  return done({
    exit: 0,
    lines: [t.secret(secret), t.proposed(approvalId, id, url)],
    json: {
      ...{ endpoint: id, url, types: proposed.value.types, secret, approval: approvalId, digest },
      ...{ lapses_at: rfc3339(lapsesAt), by: actor.userId },
    },
    next: `liushui webhooks approve ${approvalId}`,
  });
};

function decide(verdict: 'approve' | 'refuse'): Run {
  return async (use, args, options) => {
    const opened = await use.session();
    if (!opened.ok) return opened;
    return decideOnEndpoint(opened.value, firstArg(args), verdict, text(options, 'reason') ?? '');
  };
}

/** Also for the approval by its number: endpoint and approval are decided together, whichever of the two was named. */
export async function decideOnEndpoint(
  { webhooks, actor }: Session,
  approvalId: string,
  verdict: 'approve' | 'refuse',
  reason: string,
): Promise<Result<Answer>> {
  const decided = await decideEndpoint(webhooks, actor, approvalId, verdict, reason);
  if (!decided.ok) return decided;
  const { id, url, state, merchantId } = decided.value;
  const approved = verdict === 'approve';
  const maySend = approved && allowed(actor, 'webhooks.send', merchantId).ok;
  return done({
    exit: 0,
    lines: [approved ? t.live(id, url) : t.refused(id)],
    json: {
      ...{ approval: approvalId, state: approved ? 'approved' : 'refused', endpoint: id, endpoint_state: state },
      ...{ url, by: actor.userId },
    },
    next: maySend ? `liushui webhooks test ${id}` : 'liushui webhooks list',
  });
}

const list: Run = async (use) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { db, actor } = opened.value;
  const everywhere = actor.merchants.includes(everyMerchant);
  const may = allowed(actor, 'webhooks.read', everywhere ? undefined : actor.merchants[0]);
  if (!may.ok) return may;
  const endpoints = await listEndpoints(db, merchantsSeen(actor));
  const lines = endpoints.length === 0 ? [t.none] : linesOf(endpoints);
  const json = { endpoints: endpoints.map(jsonOf) };
  return done({ exit: 0, lines, json, next: `liushui webhooks ${endpoints.length === 0 ? 'add' : 'log'}` });
};

function linesOf(endpoints: readonly EndpointView[]): Words[] {
  const rows = (lang: 'zh' | 'en'): string[][] =>
    endpoints.map((one) => [
      ...[one.id, one.merchantId, t.states[one.state][lang], one.types?.join(',') ?? t.every[lang]],
      ...[String(one.waiting), String(one.dead)],
      ...[one.lastDeliveredAt === undefined ? '' : time(one.lastDeliveredAt), one.url],
    ]);
  const [zh, en] = [bilingualTable(t.heads, rows('zh'), [4, 5]), bilingualTable(t.heads, rows('en'), [4, 5])];
  return zh.map((line, index) => ({ zh: line.zh, en: en[index]?.en ?? '' }));
}

const moment = (at: EndpointView['liveAt']): string | null => (at === undefined ? null : rfc3339(at));

const jsonOf = (one: EndpointView): Record<string, unknown> => ({
  ...{ endpoint: one.id, merchant: one.merchantId, url: one.url, types: one.types, state: one.state },
  ...{ approval: one.approvalId, asked_by: one.askedBy, live_at: moment(one.liveAt), off_at: moment(one.offAt) },
  ...{ off_why: one.offWhy, waiting: one.waiting, dead: one.dead },
  ...{ closed_until: moment(one.closedUntil), last_delivered_at: moment(one.lastDeliveredAt) },
});

const again: Run = async (use, args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { webhooks, actor } = opened.value;
  const sent = await redeliver(webhooks, actor, firstArg(args), text(options, 'reason') ?? '');
  if (!sent.ok) return sent;
  const { deliveries } = sent.value;
  const next = `liushui webhooks log ${firstArg(args)}`;
  return done({ exit: 0, lines: [t.redelivered(deliveries)], json: { about: firstArg(args), deliveries }, next });
};

const rotate: Run = async (use, args, options) => {
  const given = text(options, 'overlap') ?? '24h';
  const overlapMs = readDuration(given);
  if (overlapMs === undefined || overlapMs > hours(7 * 24))
    return refuse('usage.bad_input', { field: '--overlap', value: given, problem: '24h; 7d at most' }, '--overlap');
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { webhooks, actor } = opened.value;
  const rotated = await rotateSecret(webhooks, actor, firstArg(args), overlapMs, text(options, 'reason') ?? '');
  if (!rotated.ok) return rotated;
  const { id, secret, oldUntil } = rotated.value;
  return done({
    exit: 0,
    lines: [t.secret(secret), t.rotated(id, time(oldUntil))],
    json: { endpoint: id, secret, old_until: rfc3339(oldUntil), by: actor.userId },
    next: `liushui webhooks test ${id}`,
  });
};

const test: Run = async (use, args) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { webhooks, transport, actor } = opened.value;
  const tested = await testEndpoint(webhooks, transport, actor, firstArg(args));
  if (!tested.ok) return tested;
  const { id, messageId, delivered, httpStatus, words, ms } = tested.value;
  const said = httpStatus === undefined ? words : `HTTP ${httpStatus}`;
  const theirs = httpStatus === undefined || words === '' ? [] : [plain(`  ${words.replace(/\s+/g, ' ')}`)];
  return done({
    exit: delivered ? 0 : 1,
    lines: [t.tested(id, said, ms, delivered), ...theirs],
    json: { endpoint: id, message: messageId, delivered, http_status: httpStatus ?? null, words, ms: ms ?? null },
    next: `liushui webhooks log ${id}`,
  });
};

const off: Run = async (use, args, options) => {
  const opened = await use.session();
  if (!opened.ok) return opened;
  const { webhooks, actor } = opened.value;
  const switched = await switchOff(webhooks, actor, firstArg(args), text(options, 'reason') ?? '');
  if (!switched.ok) return switched;
  const { id } = switched.value;
  return done({ exit: 0, lines: [t.off(id)], json: { endpoint: id, state: 'off' }, next: 'liushui webhooks list' });
};
