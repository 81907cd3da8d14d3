import { alipayBooksView } from '../books-view.ts';
import { alipayPage } from '../page.ts';
import type { Reply } from '../reply.ts';
import { jsonReply, textReply } from '../reply.ts';
import type { Call } from '../call.ts';
import type { World } from '../world.ts';
import { openApiDoors } from './openapi/doors.ts';
import type { OpenApiPostman } from './openapi/postman.ts';
import { declareCallOf, declareReply, queryReply } from './gateway.ts';
import { readParams, readRequest } from './request.ts';
import { refusalReply } from './signed-reply.ts';

/** Both gateways of Alipay share an address; the postman carries the notifications of the newer one. */
export function alipayDoors(postman: OpenApiPostman) {
  return async (call: Call, world: World): Promise<Reply | undefined> => {
    const reply = (await openApiDoors(call, world, postman)) ?? mapiDoors(call, world);
    postman.flush();
    return reply;
  };
}

function mapiDoors(call: Call, world: World): Reply | undefined {
  switch (call.path) {
    case '/gateway.do':
      return gateway(call, world);
    case '/books':
      return jsonReply(alipayBooksView(world), 200);
    case '/':
      return textReply(alipayPage(world), 'text/html; charset=utf-8', 200);
    default:
      return undefined;
  }
}

function gateway(call: Call, world: World): Reply {
  const settings = world.settings;
  const request = readRequest(readParams(call.query, call.body, settings), world.alipay.partners);
  if ('error' in request) return refusalReply(request.error, request.pairs);
  if (request.params.get('service') === 'alipay.acquire.customs') {
    return declareReply(request, world.declare(declareCallOf(request)), settings);
  }
  return queryReply(request, world.alipay, (occasion) => world.playOnQuery(occasion), settings);
}
