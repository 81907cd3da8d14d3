import { optionalText, wholeNumber } from '../../input.ts';
import type { Call } from '../../call.ts';
import type { Reply } from '../../reply.ts';
import { jsonReply, redirect } from '../../reply.ts';
import type { World } from '../../world.ts';
import { cashierDoor } from './cashier.ts';
import { dress, dressPage, errorPage, jsonIn, refusalText } from './dress.ts';
import type { MethodResult } from './method-call.ts';
import { pageMethods } from './methods.ts';
import type { OpenApiPostman } from './postman.ts';
import { isOpenApi, readOpenApiParams, readOpenApiRequest } from './request.ts';
import { dressRest, restMoment, restRefusal } from './rest-dress.ts';
import { readRestRequest } from './rest-request.ts';
import { appView, openApiBooksView, statementView } from './views.ts';
import type { CallResult } from './types.ts';

const controlPrefix = '/control/openapi/';

/** The doors of the OpenAPI gateway. `undefined` = none of them. */
export async function openApiDoors(call: Call, world: World, postman: OpenApiPostman): Promise<Reply | undefined> {
  if (call.path === '/gateway.do' && isOpenApi(call.query, call.body)) return gateway(call, world, postman);
  if (call.path === '/app' && call.method === 'POST') return gateway(call, world, postman);
  if (call.path.startsWith('/v3/')) return rest(call, world, postman);
  if (call.path.startsWith('/cashier/') || call.path.startsWith('/qr/')) return cashier(call, world, postman);
  if (call.path === '/openapi/books') return jsonReply(booksOf(call, world), 200);
  if (call.path === '/openapi/statement') return jsonReply(statementOf(call, world), 200);
  if (!call.path.startsWith(controlPrefix)) return undefined;
  return control(call, world, postman);
}

async function gateway(call: Call, world: World, postman: OpenApiPostman): Promise<Reply> {
  const sent = readOpenApiParams(call.query, call.body);
  const { apps } = world.openApi.register;
  const request = readOpenApiRequest(sent, apps, world.settings.openapi, world.now);
  if ('refused' in request) {
    const isPage = pageMethods.includes(request.method ?? '');
    return isPage ? errorPage(request.refused) : jsonIn(refusalText(request), request.charset);
  }
  const { result, hits, beforeAnswer } = world.openApiCall(request.call);
  await postman.deliver(beforeAnswer);
  if (!pageMethods.includes(request.call.method)) return dress(request, withAddress(result, call.host), hits);
  const { offer } = result;
  return dressPage(() => (offer ? redirect(`/cashier/${offer.code}`) : errorPage(result)), hits);
}

/** The same methods, books and faults in the REST dress. */
async function rest(call: Call, world: World, postman: OpenApiPostman): Promise<Reply> {
  const settings = world.settings.openapi;
  const moment = restMoment(call, settings, world.now);
  const request = readRestRequest(call, world.openApi.register.apps, settings, world.now);
  if ('refused' in request) return restRefusal(request.refused, moment);
  const { result, hits, beforeAnswer } = world.openApiCall(request.call);
  await postman.deliver(beforeAnswer);
  return dressRest(request, withAddress(result, call.host), hits, moment);
}

/** Where the payer goes: the text of the QR code, or for an app payment the page that plays the wallet. */
function withAddress({ offer, ...result }: MethodResult, host: string): CallResult {
  if (!offer) return result;
  const address =
    offer.kind === 'qr'
      ? { qr_code: `http://${host}/qr/${offer.code}` }
      : { cashier: `http://${host}/cashier/${offer.code}` };
  return { ...result, fields: { ...result.fields, ...address } };
}

async function cashier(call: Call, world: World, postman: OpenApiPostman): Promise<Reply | undefined> {
  const reply = cashierDoor(call.method, call.path, world);
  await postman.deliver(world.openApi.register.beforeAnswer);
  return reply;
}

async function control(call: Call, world: World, postman: OpenApiPostman): Promise<Reply | undefined> {
  const verb = call.path.slice(controlPrefix.length);
  const { register } = world.openApi;
  if (verb === 'apps' && call.method === 'GET')
    return jsonReply(
      [...register.apps.values()].map((app) => appView(register, app)),
      200,
    );
  if (call.method !== 'POST') return undefined;
  if (verb === 'settle') {
    await postman.settle();
    return jsonReply(
      { now_ms: world.now, next_due_ms: world.nextDueMs ?? null, outbox: register.notices.outbox.size },
      200,
    );
  }
  const outcome = world.openApiControl(verb, call.json());
  if (!outcome) return undefined;
  await postman.deliver(outcome.beforeAnswer);
  return jsonReply(outcome.answer, 200);
}

function booksOf(call: Call, world: World) {
  const fields = Object.fromEntries(new URLSearchParams(call.query));
  const numbers = optionalText(fields, 'out_trade_nos');
  const sellerId = optionalText(fields, 'seller_id');
  return openApiBooksView(world.openApi.register, {
    ...(numbers === undefined ? {} : { outTradeNos: numbers.split(',') }),
    ...(sellerId === undefined ? {} : { sellerId }),
    offset: wholeNumber(fields['offset'], 0),
    limit: wholeNumber(fields['limit'], 100_000),
  });
}

function statementOf(call: Call, world: World) {
  const fields = Object.fromEntries(new URLSearchParams(call.query));
  return statementView(world.openApi.register, optionalText(fields, 'date'), optionalText(fields, 'seller_id'));
}
