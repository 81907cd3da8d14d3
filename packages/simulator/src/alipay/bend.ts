import type { FaultName, Hit } from '../faults.ts';
import { wordOr } from '../input.ts';
import type { Fields } from '../input.ts';
import type { Reply } from '../reply.ts';
import { textReply } from '../reply.ts';
import type { Settings } from '../settings.ts';
import type { Field } from './answers.ts';
import type { GatewayRequest } from './request.ts';
import { answerCharset, failureFields, refusalReply, signedXml, xmlReply } from './signed-reply.ts';

const hangMs = 60_000;
const anotherNo = 'ANOTHER_REQUEST_0001';

type Played = (fault: FaultName) => Fields | undefined;

/** The signed answer with these fields, bent by the answer faults that were played. */
export function bend(
  fields: readonly Field[],
  request: GatewayRequest,
  hits: readonly Hit[],
  settings: Settings,
): Reply {
  const played: Played = (fault) => hits.find((hit) => hit.fault === fault)?.params;
  const hang = played('hang_before_booking') ?? played('book_then_hang');
  if (hang) return { kind: 'hang', forMs: msOf(hang) };
  if (played('drop_connection_after_booking')) return { kind: 'drop' };
  const instead = replacement(played, request, settings);
  const reply = instead ?? bentXml(fields, request, played, settings);
  const slow = played('slow_ms');
  return slow && reply.kind === 'answer' ? { ...reply, afterMs: msOf(slow) } : reply;
}

function msOf(params: Fields): number {
  return typeof params['ms'] === 'number' ? params['ms'] : hangMs;
}

function replacement(played: Played, request: GatewayRequest, settings: Settings): Reply | undefined {
  const systemError = played('system_error_booked') ?? played('system_error_not_booked');
  if (systemError) {
    // Said by the gateway (unsigned) or by the business (signed): either way the caller cannot know what was booked.
    if (systemError['business'] !== true) return refusalReply('SYSTEM_ERROR', request.pairs);
    return bentXml(failureFields('SYSTEM_ERROR', '系统繁忙'), request, () => undefined, settings);
  }
  if (played('http_500')) return textReply('<html><body>Internal Server Error</body></html>', 'text/html', 500);
  if (played('html_instead'))
    return textReply('<!DOCTYPE html><html><body>系统繁忙，请稍后再试</body></html>', 'text/html; charset=utf-8', 200);
  if (played('entity_bomb')) return textReply(entityBomb(), 'text/xml;charset=UTF-8', 200);
  if (played('endless')) {
    return {
      kind: 'endless',
      start: '<?xml version="1.0" encoding="utf-8"?><alipay><is_success>T</is_success><response><alipay>',
      again: `<padding>${'x'.repeat(65_000)}</padding>`,
    };
  }
  return undefined;
}

function entityBomb(): string {
  const levels = Array.from({ length: 9 }, (_, level) => `<!ENTITY a${level + 1} "${`&a${level};`.repeat(10)}">`);
  return `<?xml version="1.0" encoding="utf-8"?><!DOCTYPE alipay [<!ENTITY a0 "payment">${levels.join('')}]><alipay><is_success>&a9;</is_success></alipay>`;
}

function bentXml(fields: readonly Field[], request: GatewayRequest, played: Played, settings: Settings): Reply {
  const bent = bentFields(fields, played);
  const xml = signedXml(bent, request, settings, (signature) =>
    played('bad_signature') ? spoilt(signature) : signature,
  );
  const charset = answerCharset(request, settings);
  const wrong = played('wrong_charset');
  // Declares UTF-8 and sends GBK, whatever was agreed.
  const reply = wrong ? xmlReply(xml.replace(/encoding="[^"]*"/, 'encoding="utf-8"'), 'GBK') : xmlReply(xml, charset);
  if (reply.kind !== 'answer') return reply;
  const cut = played('truncated')
    ? { ...reply, body: reply.body.subarray(0, Math.floor(reply.body.length / 2)) }
    : reply;
  return wrong ? { ...cut, contentType: 'text/xml;charset=utf-8' } : cut;
}

function spoilt(signature: string | undefined): string {
  if (signature === undefined) return '0'.repeat(32);
  const first = signature.startsWith('0') ? '1' : '0';
  return first + signature.slice(1);
}

function bentFields(fields: readonly Field[], played: Played): readonly Field[] {
  const unknown = played('unknown_code');
  if (unknown)
    return failureFields(wordOr(unknown, 'code', 'CUSTOMS_GATE_MOVED'), wordOr(unknown, 'text', '未公布的错误'));
  let bent = fields;
  const other = played('about_another');
  if (other) bent = bent.map((field) => aboutAnother(field, wordOr(other, 'request_no', anotherNo)));
  if (played('extra_elements'))
    bent = [{ name: 'added_in_a_later_version', value: '1' }, ...bent.map(withExtra), { name: 'ver_dept', value: '3' }];
  return bent;
}

function aboutAnother(field: Field, no: string): Field {
  if ('inner' in field) {
    return { name: field.name, inner: field.inner.replace(/<out_request_no>[^<]*</g, `<out_request_no>${no}<`) };
  }
  return field.name === 'out_request_no' ? { name: field.name, value: no } : field;
}

function withExtra(field: Field): Field {
  if (!('inner' in field)) return field;
  return {
    name: field.name,
    inner: field.inner.replaceAll('<customs_declare>', '<customs_declare><added_later>1</added_later>'),
  };
}
