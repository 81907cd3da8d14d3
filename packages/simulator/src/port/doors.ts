import { portBooksView } from '../books-view.ts';
import { BadRequest, wholeNumber } from '../input.ts';
import { portPage } from '../page.ts';
import type { Reply } from '../reply.ts';
import { jsonReply, textReply } from '../reply.ts';
import type { Call } from '../call.ts';
import type { World } from '../world.ts';
import { decodeXml } from '../xml.ts';
import { portListFormats, writePortList } from './port-list.ts';

export function portDoors(call: Call, world: World): Reply | undefined {
  switch (`${call.method} ${call.path}`) {
    case 'POST /ceb411':
      return jsonReply({ documents: world.receiveMessage('ceb411', decodeXml(call.body)) }, 200);
    case 'POST /ceb621':
      return jsonReply({ documents: world.receiveMessage('ceb621', decodeXml(call.body)) }, 200);
    case 'GET /receipts':
      return receipts(new URLSearchParams(call.query), world);
    case 'GET /port-list':
      return portList(new URLSearchParams(call.query), world);
    case 'GET /books':
      return jsonReply(portBooksView(world), 200);
    case 'GET /':
      return textReply(portPage(world), 'text/html; charset=utf-8', 200);
    default:
      return undefined;
  }
}

function receipts(query: URLSearchParams, world: World): Reply {
  return jsonReply(
    world.port.receipts.messages(wholeNumber(query.get('after'), 0), wholeNumber(query.get('limit'), 100)),
    200,
  );
}

function portList(query: URLSearchParams, world: World): Reply {
  const wanted = query.get('format') ?? 'pipes';
  const format = portListFormats.find((name) => name === wanted);
  const only = query.get('only') ?? 'all';
  if (!format || !['all', 'stuck'].includes(only))
    throw new BadRequest('format is pipes, csv or json; only is all or stuck');
  const all = world.port.lists;
  const orders = query.get('orders');
  const chosen = orders === null ? [...all.values()] : orders.split(',').flatMap((no) => all.get(no) ?? []);
  const shown = only === 'stuck' ? chosen.filter((list) => list.state !== 'released') : chosen;
  const types = { pipes: 'text/plain', csv: 'text/csv', json: 'application/json' };
  return textReply(writePortList(shown, format), `${types[format]}; charset=utf-8`, 200);
}
