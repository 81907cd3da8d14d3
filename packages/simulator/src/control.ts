import { declarationViews } from './books-view.ts';
import type { BooksFilter } from './books-view.ts';
import type { Call } from './call.ts';
import type { Connections } from './connections.ts';
import { fieldsOf, listOf, ms, optionalMs, optionalText, wholeNumber } from './input.ts';
import type { Reply } from './reply.ts';
import { jsonReply } from './reply.ts';
import type { World } from './world.ts';

const seedKeys = ['partners', 'trades', 'declarations', 'lists'] as const;

/** The doors for tests and for people trying things, the same on both simulators. `undefined` = no such door. */
export function controlDoor(call: Call, world: World, connections: Connections): Reply | undefined {
  const door = call.path.slice('/control/'.length);
  const [subject = '', id] = door.split('/');
  if (door === 'books/declarations') return jsonReply(declarationViews(world, filterOf(call)), 200);
  if (subject === 'clock') return clockDoor(call, world, connections);
  if (subject === 'faults') return faultsDoor(call, world, id);
  if (subject === 'settings')
    return jsonReply(call.method === 'POST' ? world.patchSettings(call.json()) : world.settings, 200);
  if (call.method !== 'POST') return undefined;
  if (subject === 'seed') return jsonReply(world.seed(seedOf(call.json())), 200);
  const key = seedKeys.find((name) => name === subject);
  if (key) return jsonReply(world.seed({ [key]: listOf(call.json(), key) }), 200);
  if (subject !== 'reset') return undefined;
  connections.releaseAll();
  world.reset(call.body.length === 0 ? undefined : optionalMs(fieldsOf(call.json(), 'reset'), 'now_ms'));
  return jsonReply({ now_ms: world.now }, 200);
}

function seedOf(input: unknown) {
  const fields = fieldsOf(input, 'seed');
  const given = seedKeys.flatMap((key) =>
    fields[key] === undefined ? [] : [[key, listOf(fields[key], key)] as const],
  );
  return Object.fromEntries(given);
}

function clockDoor(call: Call, world: World, connections: Connections): Reply {
  if (call.method === 'POST') {
    world.moveClock(ms(fieldsOf(call.json(), 'clock'), 'now_ms'));
    connections.releaseDue();
  }
  const dues = [world.nextDueMs, connections.nextEndMs].filter((due) => due !== undefined);
  return jsonReply(
    { now_ms: world.now, next_due_ms: dues.length === 0 ? null : Math.min(...dues), hanging: connections.hanging },
    200,
  );
}

function faultsDoor(call: Call, world: World, id: string | undefined): Reply | undefined {
  if (call.method === 'POST') return jsonReply(world.addFaults(listOf(call.json(), 'faults')), 200);
  if (call.method === 'DELETE') world.removeFaults(id === undefined ? undefined : decodeURIComponent(id));
  return jsonReply(world.faults, 200);
}

/** From the query string, or for long lists of numbers from a JSON body with the same names. */
function filterOf(call: Call): BooksFilter {
  const fields =
    call.method === 'POST' ? fieldsOf(call.json(), 'filter') : Object.fromEntries(new URLSearchParams(call.query));
  const numbers = fields['request_nos'];
  const requestNos =
    typeof numbers === 'string' ? numbers.split(',') : Array.isArray(numbers) ? numbers.map(String) : undefined;
  const partner = optionalText(fields, 'partner');
  const tradeNo = optionalText(fields, 'trade_no');
  const orderNo = optionalText(fields, 'order_no');
  const place = optionalText(fields, 'place');
  return {
    ...(requestNos ? { requestNos } : {}),
    ...(partner === undefined ? {} : { partner }),
    ...(tradeNo === undefined ? {} : { tradeNo }),
    ...(orderNo === undefined ? {} : { orderNo }),
    ...(place === undefined ? {} : { place }),
    offset: wholeNumber(fields['offset'], 0),
    limit: wholeNumber(fields['limit'], 100_000),
  };
}
