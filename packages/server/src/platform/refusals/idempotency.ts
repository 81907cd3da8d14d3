import { defineRefusals } from '../catalogue.ts';

export const idempotencyRefusals = defineRefusals({
  'idempotency.other_body': {
    http: 422,
    money: 'not_moved',
    retry: 'change_input',
    title: 'Key used for another request',
    zh: '幂等键 {key} 已在 {usedAt|time} 用于内容不同的请求。这次没有执行。',
    en: 'Key {key} was used at {usedAt|time} for a request with another body. This one was not carried out.',
    wayOutZh: '新请求请换新键；重试请发原内容。',
    wayOutEn: 'New request: new key; retry: the same body.',
  },
  'idempotency.still_running': {
    http: 409,
    money: 'unknown',
    retry: 'same_key',
    title: 'The first request is still running',
    zh: '幂等键 {key} 的上一个请求还在执行，结果未知。这次没有执行第二遍。',
    en: 'The first request with key {key} is still running; its result is not known yet. It was not carried out a second time.',
    wayOutZh: '请在 1 秒后用同一个键和原内容再发，会得到那次的结果。',
    wayOutEn: 'Send the same key and body again after 1 second: the answer is the result of the first.',
  },
  'idempotency.key_missing': {
    http: 400,
    money: 'not_moved',
    retry: 'change_input',
    title: 'Idempotency-Key missing',
    zh: '请求没有带 Idempotency-Key 头。没有执行。',
    en: 'The request has no Idempotency-Key header. It was not carried out.',
    wayOutZh: '每个新操作用一个新键，重试时用同一个键。',
    wayOutEn: 'Use a new key for each new act, and the same key for its retries.',
  },
});
