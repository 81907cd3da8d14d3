import type { Agenda } from '../agenda.ts';
import type { PortBooks } from '../port/books.ts';
import { readPaymentMessage, writePaymentMessage } from '../port/messages.ts';
import { countedGuid } from '../port/receipts.ts';
import type { Settings } from '../settings.ts';
import type { Fate } from './fate.ts';
import { customsOrderNo } from './rules.ts';
import type { Declaration } from './types.ts';

/** Alipay's registration number as a payment company, quoted in the customs documents (Alipay's list of customs places). */
const payCode = '31222699S7';
const payName = '支付宝（中国）网络技术有限公司';

const settledCode = '399';
const acceptedCodes = ['2', '3', settledCode, '-401007', '-401008'];

type Underway = { readonly declaration: Declaration; readonly push: number; readonly fate: Fate };

/** What becomes of an executed push: `ws`, `sending`, handed to the port, and then what the port says. */
export class Life {
  readonly #agenda: Agenda;
  readonly #settings: () => Settings;
  readonly #port: PortBooks;
  readonly #underway = new Map<string, Underway>();
  #messageCount = 0;

  constructor(agenda: Agenda, settings: () => Settings, port: PortBooks) {
    this.#agenda = agenda;
    this.#settings = settings;
    this.#port = port;
    port.onPaymentReceipt = (guid, code, info, at) => this.#receipt(guid, code, info, at);
  }

  push(declaration: Declaration, at: number, fate: Fate): void {
    declaration.pushes += 1;
    declaration.status = 'ws';
    declaration.memo = '';
    declaration.modifiedAt = at;
    declaration.registered = {
      place: fate.elsewhere?.place ?? declaration.terms.place,
      customsCode: fate.elsewhere?.customsCode || declaration.terms.customsCode,
    };
    if (fate.stuck === 'ws') return;
    const { sending_ms: sending, delivered_ms: delivered } = this.#settings().delays;
    this.#later(declaration, at + sending, (due) => {
      declaration.status = 'sending';
      declaration.modifiedAt = due;
    });
    if (fate.stuck !== 'sending')
      this.#later(declaration, at + delivered, (due) => this.#deliver(declaration, fate, due));
  }

  /** Runs later unless the declaration was pushed again (or forgotten) meanwhile. */
  #later(declaration: Declaration, dueMs: number, run: (at: number) => void): void {
    const push = declaration.pushes;
    this.#agenda.add(dueMs, (due) => {
      if (declaration.pushes === push) run(due);
    });
  }

  #deliver(declaration: Declaration, fate: Fate, at: number): void {
    if (fate.swallow || fate.lateMs > 0) {
      declaration.status = 'succ';
      declaration.modifiedAt = at;
    }
    if (fate.swallow) return;
    if (fate.elsewhere) this.#deliverElsewhere(declaration, at);
    else if (fate.lateMs > 0)
      this.#later(declaration, at + fate.lateMs, (due) => this.#handOver(declaration, fate, due));
    else this.#handOver(declaration, fate, at);
  }

  /** The internal CEB411 document, read by the port's own reader. */
  #handOver(declaration: Declaration, fate: Fate, at: number): void {
    this.#messageCount += 1;
    const guid = countedGuid('411', this.#messageCount);
    this.#underway.set(guid, { declaration, push: declaration.pushes, fate });
    const { terms, trade, registered } = declaration;
    const known = declaration.takenAs === takenKey(declaration) && this.#settings().repush_app_type === 'change';
    const xml = writePaymentMessage({
      guid,
      appType: known ? '2' : '1',
      payCode,
      payName,
      paymentNo: declaration.pushedNo,
      orderNo: customsOrderNo(declaration),
      ebpCode: registered.customsCode,
      ebpName: terms.customsName,
      payerId: trade.payerId,
      payerName: trade.payerName,
      amountFen: terms.amountFen,
      paidAt: trade.paidAt ?? at,
      sentAt: at,
      place: registered.place,
    });
    for (const record of readPaymentMessage(xml, at)) this.#port.receivePayment(record, at, fate.port);
  }

  /** Another office took it: its receipts come back, but the port of this box never hears. */
  #deliverElsewhere(declaration: Declaration, at: number): void {
    this.#messageCount += 1;
    const guid = countedGuid('411', this.#messageCount);
    const { passed_on_ms: passedOn, settled_ms: settled } = this.#settings().delays;
    const steps = [
      [0, '2', `新增申报成功[${guid}]`],
      [passedOn, '3', '发送海关成功'],
      [settled, settledCode, '[Code:1900;Desc:审结]'],
    ] as const;
    for (const [delay, code, info] of steps)
      this.#later(declaration, at + delay, (due) => show(declaration, 'succ', code, info, due));
  }

  #receipt(guid: string, code: string, info: string, at: number): void {
    const underway = this.#underway.get(guid);
    if (!underway) return;
    const { declaration, push, fate } = underway;
    if (code === settledCode) this.#underway.delete(guid);
    // Alipay documents 2, 3, 4, 100, 399 and negatives; 120 is not among them.
    if (declaration.pushes !== push || (code === '120' && !fate.port.receipt)) return;
    const accepted = acceptedCodes.includes(code) || code === '120';
    if (accepted) declaration.takenAs = takenKey(declaration);
    show(declaration, fate.receiptStatus ?? (accepted ? 'succ' : 'sending'), code, info, at);
    if (Number(code) < 0 && !accepted) declaration.memo = '海关返回参数非法';
  }
}

function takenKey(declaration: Declaration): string {
  return `${declaration.registered.place}|${declaration.pushedNo}`;
}

function show(declaration: Declaration, status: Declaration['status'], code: string, info: string, at: number): void {
  declaration.status = status;
  declaration.customsCode = code;
  declaration.customsInfo = info;
  declaration.customsReturnAt = at;
  declaration.modifiedAt = at;
}
