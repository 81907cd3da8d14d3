// Goal: only what the server signed is read. Signatures are made here by the words of the standard, not by the code under test.
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { verifyWebhook, WebhookRefusedError } from './index.ts';
import type { WebhookMessage } from './index.ts';

const secret = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;
const other = `whsec_${Buffer.alloc(24, 2).toString('base64')}`;
const at = 1_446_020_400;
const body = '{"type":"payment.succeeded","timestamp":"2015-10-28T16:20:00+08:00","data":{"order_no":"甲1"}}';

function sign(by: string, id: string, time: number | string, text: string): string {
  const key = Buffer.from(by.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${time}.${text}`).digest('base64')}`;
}

const headersOf = (signature: string, changes: Record<string, string> = {}) => ({
  ...{ 'webhook-id': 'msg_1', 'webhook-timestamp': String(at), 'webhook-signature': signature },
  ...changes,
});
const good = sign(secret, 'msg_1', at, body);
const message: WebhookMessage = { secrets: secret, headers: headersOf(good), body, now: at * 1000 };

const whyOf = (changes: Partial<WebhookMessage>): string => {
  try {
    verifyWebhook({ ...message, ...changes });
    return 'read';
  } catch (error) {
    return error instanceof WebhookRefusedError ? error.why : String(error);
  }
};

test('the published example of Standard Webhooks verifies', () => {
  const payload = '{"test": 2432232314}';
  const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
  const told = {
    ...{ 'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek', 'webhook-timestamp': '1614265330' },
    'webhook-signature': signature,
  };
  const secrets = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  // The signature fits; the body is no message of ours.
  expect(whyOf({ secrets, headers: told, body: payload, now: 1_614_265_330_000 })).toBe('body');
  expect(whyOf({ secrets, headers: told, body: `${payload} `, now: 1_614_265_330_000 })).toBe('signature');
});

test('a message is read with its id, from bytes or text, from plain headers or the web’s', () => {
  const event = verifyWebhook(message);
  expect(event).toMatchObject({ id: 'msg_1', type: 'payment.succeeded', data: { order_no: '甲1' } });
  expect(verifyWebhook({ ...message, body: Buffer.from(body) })).toEqual(event);
  expect(verifyWebhook({ ...message, headers: new Map(Object.entries(headersOf(good))) as never })).toEqual(event);
});

test.each<[string, Partial<WebhookMessage>, string]>([
  ['another body', { body: body.replace('甲', '乙') }, 'signature'],
  ['another id', { headers: headersOf(good, { 'webhook-id': 'msg_2' }) }, 'signature'],
  [
    'another time within the tolerance',
    { headers: headersOf(good, { 'webhook-timestamp': String(at + 1) }) },
    'signature',
  ],
  ['another secret', { secrets: other }, 'signature'],
  ['both secrets while one is replaced', { secrets: [other, secret] }, 'read'],
  ['two signatures, the second fits', { headers: headersOf(`${sign(other, 'msg_1', at, body)} ${good}`) }, 'read'],
  ['a version of tomorrow beside ours', { headers: headersOf(`v2,abc ${good}`) }, 'read'],
  ['only a version of tomorrow', { headers: headersOf(good.replace('v1', 'v2')) }, 'headers'],
  ['a signature cut short', { headers: headersOf(good.slice(0, 20)) }, 'headers'],
  ['no headers', { headers: {} }, 'headers'],
  ['a time that is no number', { headers: headersOf(good, { 'webhook-timestamp': 'NaN' }) }, 'headers'],
  ['a header that came twice', { headers: { ...headersOf(good), 'webhook-id': ['msg_1', 'msg_1'] } }, 'headers'],
  ['five minutes old', { now: (at + 300) * 1000 }, 'read'],
  ['older', { now: (at + 301) * 1000 }, 'timestamp'],
  ['from the future', { now: (at - 301) * 1000 }, 'timestamp'],
  ['a clock that does not know', { now: Number.NaN }, 'timestamp'],
  ['older, with more tolerance', { now: (at + 301) * 1000, toleranceSeconds: 3600 }, 'read'],
])('%s', (_name, changes, why) => {
  expect(whyOf(changes)).toBe(why);
});

test('a secret that is none is the shop’s mistake, and nothing is compared with an empty key', () => {
  const empty = sign('whsec_', 'msg_1', at, body);
  for (const secrets of ['', 'whsec_', 'whsec_AQ==', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', []])
    expect(() => verifyWebhook({ ...message, secrets, headers: headersOf(empty) })).toThrow(TypeError);
});
