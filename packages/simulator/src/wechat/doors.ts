import type { Call } from '../call.ts';
import { BadRequest, optionalText, wholeNumber } from '../input.ts';
import type { Reply } from '../reply.ts';
import { jsonReply, redirect } from '../reply.ts';
import type { World } from '../world.ts';
import type { WechatAct, WechatOutcome } from './books.ts';
import { cashierDoor, frontPage } from './cashier.ts';
import { bentReply, bentResult, v2FaultReply, v2Reply, v3Answer, v3Reply } from './dress.ts';
import type { Dressing } from './dress.ts';
import type { WechatPostman } from './postman.ts';
import { readV2Request, readV3 } from './request.ts';
import { messageOf, httpStatusOf } from './results.ts';
import { routeOf, v2Paths } from './routes.ts';
import type { Merchant, Offer, Result } from './types.ts';
import { booksView } from './views.ts';

/** WeChat's address: both versions, the control doors, the books, and the page that plays the payer. */
export function wechatDoors(postman: WechatPostman) {
  const doors = new Doors(postman);
  return async (call: Call, world: World): Promise<Reply | undefined> => {
    const reply = await doors.open(call, world);
    postman.flush();
    return reply;
  };
}

class Doors {
  readonly #postman: WechatPostman;
  /** Signed answers so far: one in so many is a probe. Not in the books: a repetition must be able to get another answer. */
  #answers = 0;

  constructor(postman: WechatPostman) {
    this.#postman = postman;
  }

  async open(call: Call, world: World): Promise<Reply | undefined> {
    const { path } = call;
    const v2Api = v2Paths.get(path);
    if (v2Api !== undefined) return this.#v2(call, v2Api, world);
    if (path.startsWith('/v3/') || path.startsWith('/global/')) return this.#v3(call, world);
    if (path.startsWith('/cashier')) return this.#cashier(call, world);
    if (path === '/scan') return scanned(call);
    if (path === '/books') return jsonReply(booksOf(call, world), 200);
    if (path === '/') return frontPage(world);
    return path.startsWith('/control/') ? this.#control(call, world) : undefined;
  }

  async #act(world: World, act: WechatAct): Promise<WechatOutcome | undefined> {
    const outcome = world.wechatAct(act);
    if (outcome) await this.#postman.deliver(outcome.beforeAnswer);
    return outcome;
  }

  async #v3(call: Call, world: World): Promise<Reply> {
    const { merchants, settings } = world.wechat.register;
    const route = routeOf(call.method, call.path, settings);
    if (typeof route === 'number') return empty(route);
    const request = readV3(call, route, merchants, settings, world.now);
    if ('kind' in request)
      return jsonReply({ code: request.code, message: messageOf(request) }, httpStatusOf(request.code));
    const outcome = await this.#act(world, { does: 'call', call: request.call });
    if (!outcome) throw new Error('a call has an outcome');
    const { hits } = outcome;
    const result = bentResult(withAddresses(outcome.result, call, settings.code_url), hits);
    return bentReply(hits, () => {
      if (result.kind === 'done' && result.file) return fileReply(result.file, 'application/octet-stream');
      const isEmpty = request.call.api === 'close';
      const dressing = this.#dressing(request.merchant, hits, world);
      return v3Reply(dressing, request.call.serial, v3Answer(result, isEmpty, settings.sign_errors));
    });
  }

  #dressing(merchant: Merchant, hits: Dressing['hits'], world: World): Dressing {
    this.#answers += 1;
    const every = world.wechat.register.settings.probe_every;
    return { merchant, hits, now: world.now, n: this.#answers, isProbe: every > 0 && this.#answers % every === 0 };
  }

  async #v2(call: Call, api: string, world: World): Promise<Reply> {
    const { merchants, settings } = world.wechat.register;
    const request = readV2Request(call, api, merchants);
    if ('returnMsg' in request) return v2FaultReply(request.returnMsg);
    const outcome = await this.#act(world, { does: 'call', call: request.call });
    if (!outcome) throw new Error('a call has an outcome');
    const result = bentResult(withAddresses(outcome.result, call, settings.code_url), outcome.hits);
    return bentReply(outcome.hits, () => {
      if (api === 'downloadbill') return v2BillReply(result);
      const dressing = this.#dressing(request.merchant, outcome.hits, world);
      return v2Reply(dressing, request.call.fields, request.signType, result);
    });
  }

  async #cashier(call: Call, world: World): Promise<Reply | undefined> {
    const reply = cashierDoor(call, world);
    await this.#postman.deliver(world.wechat.register.beforeAnswer);
    return reply;
  }

  async #control(call: Call, world: World): Promise<Reply | undefined> {
    const [subject = '', id] = call.path.slice('/control/'.length).split('/');
    const { register } = world.wechat;
    if (call.method === 'GET' && subject === 'settings') return jsonReply(register.settings, 200);
    if (call.method === 'GET' && subject === 'faults') return jsonReply(register.faults.list(), 200);
    if (call.method === 'DELETE' && subject === 'faults') {
      const input = id === undefined ? {} : { id: decodeURIComponent(id) };
      return jsonReply((await this.#act(world, { does: 'control', verb: 'faults/remove', input }))?.answer, 200);
    }
    if (call.method !== 'POST') return undefined;
    if (subject === 'settle') {
      await this.#postman.settle();
      const { outbox } = register.notices;
      return jsonReply({ now_ms: world.now, next_due_ms: world.nextDueMs ?? null, outbox: outbox.size }, 200);
    }
    // The clock and the way back to the beginning belong to all simulators.
    if (subject === 'clock' || subject === 'reset') return undefined;
    const outcome = await this.#act(world, { does: 'control', verb: subject, input: call.json() });
    if (!outcome) throw new BadRequest(`there is no command ${subject}`);
    return jsonReply(outcome.answer, 200);
  }
}

function empty(code: number): Reply {
  return { kind: 'answer', code, contentType: 'text/plain', body: Buffer.alloc(0) };
}

function fileReply(body: Buffer, contentType: string): Reply {
  return { kind: 'answer', code: 200, contentType, body };
}

/** The file, or what v2 says when there is none. */
function v2BillReply(result: Result): Reply {
  if (result.kind === 'done') return fileReply(result.file ?? Buffer.alloc(0), 'text/plain; charset=utf-8');
  const words = new Map([
    ['NO_STATEMENT_EXIST', 'No Bill Exist'],
    ['STATEMENT_CREATING', 'Bill Creating'],
  ]);
  return v2FaultReply(words.get(result.code) ?? messageOf(result));
}

/** Addresses lead to the host that was asked. */
function withAddresses(result: Result, call: Call, codeUrl: string): Result {
  if (result.kind === 'refused') return result;
  const { billToken, offer, fields } = result;
  if (billToken !== undefined) {
    const address = `http://${call.host}/v3/billdownload/file?token=${billToken}`;
    return { ...result, fields: { ...fields, download_url: address } };
  }
  return offer ? { ...result, fields: { ...fields, ...offerAddress(offer, call.host, codeUrl) } } : result;
}

function offerAddress({ order, code, prepayId }: Offer, host: string, codeUrl: string): Record<string, string> {
  const { product, version } = order.terms;
  const page = `http://${host}/cashier`;
  if (product === 'NATIVE')
    return { code_url: codeUrl === 'http' ? `${page}?code=${code}` : `weixin://wxpay/bizpayurl?pr=${code}` };
  if (product !== 'MWEB') return {};
  return { [version === 'v2' ? 'mweb_url' : 'h5_url']: `${page}?prepay_id=${prepayId}&package=1` };
}

/** What the text of a code leads to when the wallet reads it: the page that plays its payer. */
function scanned({ query }: Call): Reply {
  const text = new URLSearchParams(query).get('text') ?? '';
  const code = /^weixin:\/\/wxpay\/bizpayurl\?pr=([\w-]+)$/.exec(text)?.[1];
  return code === undefined ? empty(404) : redirect(`/cashier?code=${code}`);
}

function booksOf(call: Call, world: World) {
  const fields = Object.fromEntries(new URLSearchParams(call.query));
  const numbers = optionalText(fields, 'out_trade_nos');
  const mchid = optionalText(fields, 'mchid');
  return booksView(world.wechat, {
    ...(numbers === undefined ? {} : { outTradeNos: numbers.split(',') }),
    ...(mchid === undefined ? {} : { mchid }),
    offset: wholeNumber(fields['offset'], 0),
    limit: wholeNumber(fields['limit'], 100_000),
  });
}
