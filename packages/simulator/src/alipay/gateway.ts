import type { Hit, Occasion } from '../faults.ts';
import type { Reply } from '../reply.ts';
import type { Settings } from '../settings.ts';
import { element } from '../xml.ts';
import type { Field } from './answers.ts';
import { bend } from './bend.ts';
import { recordFields } from './books.ts';
import type { AlipayBooks, DeclareOutcome } from './books.ts';
import type { GatewayRequest } from './request.ts';
import { customsOrderNo, readQueryNumbers } from './rules.ts';
import { failureFields, plainFields } from './signed-reply.ts';
import type { DeclareCall, Declaration } from './types.ts';

export function declareCallOf(request: GatewayRequest): DeclareCall {
  const need = (name: string): string => request.params.get(name) ?? '';
  const optional = ['is_split', 'sub_out_biz_no', 'buyer_name', 'buyer_id_no'] as const;
  const given = optional.flatMap((name) => (request.params.get(name) ? [[name, need(name)] as const] : []));
  return {
    partner: request.partner.partner,
    out_request_no: need('out_request_no'),
    trade_no: need('trade_no'),
    merchant_customs_code: need('merchant_customs_code'),
    merchant_customs_name: need('merchant_customs_name'),
    amount: need('amount'),
    customs_place: need('customs_place'),
    ...Object.fromEntries(given),
  };
}

export function declareReply(request: GatewayRequest, outcome: DeclareOutcome, settings: Settings): Reply {
  const { result, hits } = outcome;
  const fields =
    result.kind === 'success' ? plainFields(result.fields) : failureFields(result.failure.code, result.failure.text);
  return bend(fields, request, hits, settings);
}

/** Decides which fault rules are played on a query, and writes down that they were. */
export type PlayOnQuery = (occasion: Occasion) => readonly Hit[];

export function queryReply(request: GatewayRequest, books: AlipayBooks, play: PlayOnQuery, settings: Settings): Reply {
  const numbers = readQueryNumbers(request.params.get('out_request_nos') ?? '');
  const asked = 'code' in numbers ? [] : numbers;
  const found = asked.flatMap((no) => books.find(request.partner.partner, no) ?? []);
  const hits = play(queryOccasion(request, found, asked));
  if ('code' in numbers) return bend(failureFields(numbers.code, numbers.text), request, hits, settings);
  const notFound = numbers.filter((no) => !found.some((declaration) => declaration.requestNo === no));
  const missing = hits.find((hit) => hit.fault === 'missing_record');
  const shown = missing ? leaveOut(found, missing) : found;
  const doubled = hits.some((hit) => hit.fault === 'duplicate_record') ? [...shown, ...shown.slice(0, 1)] : shown;
  return bend(queryFields(doubled, notFound, settings), request, hits, settings);
}

function leaveOut(found: readonly Declaration[], hit: Hit): Declaration[] {
  const no = hit.params['request_no'] ?? found[0]?.requestNo;
  return found.filter((declaration) => declaration.requestNo !== no);
}

/** Records come in the order of the books, not of the question: the document promises no order. */
function queryFields(found: readonly Declaration[], notFound: readonly string[], settings: Settings): Field[] {
  const sorted = found.toSorted((a, b) => (a.declareNo < b.declareNo ? -1 : a.declareNo > b.declareNo ? 1 : 0));
  const records = sorted.map((declaration) => {
    const inside = Object.entries(recordFields(declaration, settings)).map(([name, value]) => element(name, value));
    return `<customs_declare>${inside.join('')}</customs_declare>`;
  });
  return [
    ...(notFound.length > 0 ? [{ name: 'not_found', value: notFound.join(',') }] : []),
    ...(records.length > 0 ? [{ name: 'records', inner: records.join('') }] : []),
    { name: 'result_code', value: 'SUCCESS' },
  ];
}

function queryOccasion(request: GatewayRequest, found: readonly Declaration[], numbers: readonly string[]): Occasion {
  return {
    partner: request.partner.partner,
    operation: 'query',
    requestNos: numbers,
    tradeNos: found.map((declaration) => declaration.terms.tradeNo),
    orderNos: found.map(customsOrderNo),
    places: found.map((declaration) => declaration.registered.place),
    isRepush: false,
  };
}
