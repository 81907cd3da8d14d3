import { wordOr } from '../input.ts';
import type { Fields } from '../input.ts';
import type { Hit } from '../faults.ts';
import type { Fate as PortFate } from '../port/books.ts';
import type { Failure } from './types.ts';

/** What the fault rules in force make of one declare call. */
export type Fate = {
  /** Names of all faults played, for the books. */
  readonly names: readonly string[];
  /** Why nothing is booked, if so. */
  readonly refuse: string | undefined;
  readonly businessError: Failure | undefined;
  readonly swallow: boolean;
  readonly noEffect: boolean;
  readonly stuck: 'ws' | 'sending' | undefined;
  readonly forget: boolean;
  readonly lateMs: number;
  readonly elsewhere: { readonly place: string; readonly customsCode: string } | undefined;
  readonly newNumber: boolean;
  readonly identityDifferent: boolean;
  /** The life status that goes with the receipt of the fault `receipt`. */
  readonly receiptStatus: 'sending' | 'succ' | undefined;
  readonly port: PortFate;
};

const notBooking = ['hang_before_booking', 'system_error_not_booked', 'business_error'];

export function fateOf(hits: readonly Hit[]): Fate {
  const paramsOf = (fault: string): Fields | undefined => hits.find((hit) => hit.fault === fault)?.params;
  const refuse = hits.find((hit) => notBooking.includes(hit.fault) || hit.params['book'] === false)?.fault;
  const receipt = paramsOf('receipt');
  const error = paramsOf('business_error');
  const late = paramsOf('receipt_after_hours');
  const elsewhere = paramsOf('other_place');
  return {
    names: hits.map((hit) => hit.fault),
    refuse,
    businessError: error && {
      code: wordOr(error, 'code', 'PAYER_ENABLE_STATUS_FORBID'),
      text: wordOr(error, 'text', ''),
    },
    swallow: paramsOf('swallow_declaration') !== undefined,
    noEffect: paramsOf('no_effect_repush') !== undefined,
    stuck: paramsOf('stuck_ws') ? 'ws' : paramsOf('stuck_sending') ? 'sending' : undefined,
    forget: paramsOf('forget_declaration') !== undefined,
    lateMs: late ? Number(late['hours'] ?? 6) * 3_600_000 : 0,
    elsewhere: elsewhere && {
      place: wordOr(elsewhere, 'place', 'HANGZHOU'),
      customsCode: wordOr(elsewhere, 'customs_code', ''),
    },
    newNumber: paramsOf('changes_pushed_no') !== undefined,
    identityDifferent: paramsOf('identity_different') !== undefined,
    receiptStatus: statusWith(receipt),
    port: portFate(receipt, paramsOf('port_loses_record') !== undefined),
  };
}

function statusWith(receipt: Fields | undefined): 'sending' | 'succ' | undefined {
  const given = receipt?.['status'];
  return given === 'sending' || given === 'succ' ? given : undefined;
}

/** A receipt of 2, 3, 120 or 399, and "exists already" (-401007, -401008), say that the port holds the record. */
const presentCodes = ['2', '3', '120', '399', '-401007', '-401008'];

function portFate(receipt: Fields | undefined, lost: boolean): PortFate {
  if (!receipt) return { lost };
  const code = wordOr(receipt, 'code', '4');
  const present = typeof receipt['present'] === 'boolean' ? receipt['present'] : presentCodes.includes(code);
  return { lost, receipt: { code, text: wordOr(receipt, 'text', defaultText(code)), present } };
}

function defaultText(code: string): string {
  if (code === '2') return '新增申报成功';
  if (code === '100') return '[Code:1327;Desc:订购人与支付人姓名或证件号码不一致]';
  if (code === '-401007') return '支付单已存在';
  return code === '4' ? '发送海关失败' : '处理异常';
}
