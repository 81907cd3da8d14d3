import type { Agenda } from '../agenda.ts';
import type { Fate, PortBooks } from '../port/books.ts';
import { readPaymentMessage, writePaymentMessage } from '../port/messages.ts';
import { countedGuid } from '../port/receipts.ts';
import { playedOf } from './faults.ts';
import type { Hit } from './faults.ts';
import type { Settings } from './settings.ts';
import type { Order } from './types.ts';

/** WeChat files as this company (WeChat Pay merchant document "customs declaration"). */
const payCode = '4403169D3W';
const payName = '财付通支付科技有限公司';

export type CustomsState = 'UNDECLARED' | 'SUBMITTED' | 'PROCESSING' | 'SUCCESS' | 'FAIL' | 'EXCEPT';

export type Identity = { readonly name: string; readonly idNo: string };

const defaultIdentity: Identity = { name: '测试甲', idNo: '999999190001010015' };

export type SplitFees = { readonly orderFen: number; readonly transportFen: number; readonly productFen: number };

export type DeclarationTerms = {
  readonly customs: string;
  readonly mchCustomsNo: string;
  readonly subOrderNo: string | undefined;
  readonly fees: SplitFees | undefined;
  readonly dutyFen: number | undefined;
  readonly buyer: Identity | undefined;
  /** What a repetition may not change without saying so, as one text. */
  readonly content: string;
};

export type Declaration = {
  terms: DeclarationTerms;
  readonly order: Order;
  readonly subOrderId: string | undefined;
  readonly verifyTradeNo: string;
  declaredFen: number;
  state: CustomsState;
  explanation: string;
  modifiedAt: number;
  check: 'UNCHECKED' | 'SAME' | 'DIFFERENT';
  pushes: number;
  /** When the record reached the port; the state does not tell. */
  portAt: number | undefined;
};

/** What a query may name, the most exact first. */
export const numberNames = ['sub_order_id', 'sub_order_no', 'transaction_id', 'out_trade_no'] as const;
type NumberName = (typeof numberNames)[number];

/** WeChat's desk for customs: what was declared, what was sent, and what came back. The port is the one in the box. */
export class CustomsDesk {
  readonly declarations = new Map<string, Declaration>();
  /** By `payee|name|number`: a history of tens of thousands is asked for one by one. */
  readonly #byNumber = new Map<string, Declaration[]>();
  /** Who the payers are, by openid; everybody else is the same test person. */
  readonly identities = new Map<string, Identity>();
  readonly #agenda: Agenda;
  readonly #port: PortBooks;
  readonly #settings: () => Settings;
  readonly #underway = new Map<string, { readonly declaration: Declaration; readonly push: number }>();
  #messages = 0;

  constructor(agenda: Agenda, port: PortBooks, settings: () => Settings) {
    this.#agenda = agenda;
    this.#port = port;
    this.#settings = settings;
    const others = port.onPaymentReceipt;
    port.onPaymentReceipt = (guid, code, info, at) => {
      others(guid, code, info, at);
      this.#receipt(guid, code, info, at);
    };
  }

  find(order: Order, customs: string, subOrderNo: string | undefined): Declaration | undefined {
    return this.declarations.get(keyOf(order, customs, subOrderNo));
  }

  /** All of one order at one place, those of its parts included. */
  ofOrder(order: Order, customs: string): readonly Declaration[] {
    const { payee, outTradeNo } = order.terms;
    return this.ofNumber(payee, 'out_trade_no', outTradeNo).filter((one) => one.terms.customs === customs);
  }

  ofNumber(payee: string, name: NumberName, value: string): readonly Declaration[] {
    return this.#byNumber.get(`${payee}|${name}|${value}`) ?? [];
  }

  identityOf(order: Order): Identity {
    return this.identities.get(order.payment?.openid ?? '') ?? defaultIdentity;
  }

  open(order: Order, terms: DeclarationTerms, at: number): Declaration {
    const n = this.declarations.size + 1;
    const declaration: Declaration = {
      terms,
      order,
      subOrderId: terms.subOrderNo === undefined ? undefined : `1200000001${String(n).padStart(18, '0')}`,
      verifyTradeNo: `${order.payment?.transactionId ?? ''}${String(n).padStart(6, '0')}`,
      declaredFen: 0,
      state: 'UNDECLARED',
      explanation: '',
      modifiedAt: at,
      check: 'UNCHECKED',
      pushes: 0,
      portAt: undefined,
    };
    this.declarations.set(keyOf(order, terms.customs, terms.subOrderNo), declaration);
    this.#enter(declaration);
    return declaration;
  }

  #enter(declaration: Declaration): void {
    const { order, terms, subOrderId } = declaration;
    const { payee, outTradeNo } = order.terms;
    const numbers: readonly (readonly [NumberName, string | undefined])[] = [
      ['sub_order_id', subOrderId],
      ['sub_order_no', terms.subOrderNo],
      ['transaction_id', order.payment?.transactionId],
      ['out_trade_no', outTradeNo],
    ];
    for (const [name, value] of numbers) {
      if (value === undefined) continue;
      this.#byNumber.set(`${payee}|${name}|${value}`, [...this.ofNumber(payee, name, value), declaration]);
    }
  }

  /** Sends what the declaration says now. `from`: what a query shows until it goes out. */
  push(declaration: Declaration, from: 'UNDECLARED' | 'SUBMITTED', hits: readonly Hit[], at: number): void {
    declaration.pushes += 1;
    show(declaration, from, '', at);
    const { order, terms } = declaration;
    declaration.declaredFen = terms.fees?.orderFen ?? order.terms.amountFen - order.refundedFen;
    if (playedOf(hits, 'stuck_undeclared')) return;
    const { customs_sent_ms: sentMs, customs_answered_ms: answeredMs } = this.#settings();
    this.#later(declaration, at + sentMs, (due) => show(declaration, 'PROCESSING', '', due));
    if (playedOf(hits, 'stuck_processing')) return;
    this.#later(declaration, at + Math.max(sentMs, answeredMs), (due) => this.#arrive(declaration, hits, due));
  }

  /** Runs later unless the declaration was pushed again meanwhile. */
  #later(declaration: Declaration, due: number, run: (at: number) => void): void {
    const push = declaration.pushes;
    this.#agenda.add(due, (at) => {
      if (declaration.pushes === push) run(at);
    });
  }

  #arrive(declaration: Declaration, hits: readonly Hit[], at: number): void {
    const fail = playedOf(hits, 'customs_fail');
    if (fail) return show(declaration, 'FAIL', textOf(fail['text'], '海关返回：企业备案号不存在'), at);
    const except = playedOf(hits, 'customs_except');
    if (except) return show(declaration, 'EXCEPT', textOf(except['text'], '海关接口异常'), at);
    if (playedOf(hits, 'swallow_declaration')) return show(declaration, 'SUCCESS', '', at);
    const fate: Fate = { lost: playedOf(hits, 'port_loses_record') !== undefined };
    const late = playedOf(hits, 'receipt_after_hours');
    if (!late) return this.#handOver(declaration, fate, at);
    show(declaration, 'SUCCESS', '', at);
    const hours = typeof late['hours'] === 'number' ? late['hours'] : 6;
    this.#later(declaration, at + hours * 3_600_000, (due) => this.#handOver(declaration, fate, due));
  }

  #handOver(declaration: Declaration, fate: Fate, at: number): void {
    const { order, terms } = declaration;
    this.#messages += 1;
    const guid = countedGuid('41a', this.#messages);
    this.#underway.set(guid, { declaration, push: declaration.pushes });
    const paymentNo = declaration.subOrderId ?? order.payment?.transactionId ?? '';
    const payer = this.identityOf(order);
    const xml = writePaymentMessage({
      guid,
      appType: this.#port.record(terms.customs, payCode, paymentNo) ? '2' : '1',
      payCode,
      payName,
      paymentNo,
      orderNo: terms.subOrderNo ?? order.terms.outTradeNo,
      ebpCode: terms.mchCustomsNo,
      ebpName: order.terms.payee,
      payerId: payer.idNo,
      payerName: payer.name,
      amountFen: declaration.declaredFen,
      paidAt: order.payment?.at ?? at,
      sentAt: at,
      place: terms.customs,
    });
    for (const record of readPaymentMessage(xml, at)) this.#port.receivePayment(record, at, fate);
  }

  #receipt(guid: string, code: string, info: string, at: number): void {
    const underway = this.#underway.get(guid);
    if (!underway) return;
    this.#underway.delete(guid);
    const { declaration, push } = underway;
    if (declaration.pushes !== push) return;
    const isRefusal = Number(code) < 0;
    if (!isRefusal) declaration.portAt = at;
    show(declaration, isRefusal ? 'FAIL' : 'SUCCESS', isRefusal ? info : '', at);
  }
}

function show(declaration: Declaration, state: CustomsState, explanation: string, at: number): void {
  declaration.state = state;
  declaration.explanation = explanation;
  declaration.modifiedAt = at;
}

function textOf(given: unknown, otherwise: string): string {
  return typeof given === 'string' ? given : otherwise;
}

function keyOf(order: Order, customs: string, subOrderNo: string | undefined): string {
  return `${order.terms.payee}|${order.terms.outTradeNo}|${customs}|${subOrderNo ?? ''}`;
}
