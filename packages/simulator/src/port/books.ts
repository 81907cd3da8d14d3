import type { Agenda } from '../agenda.ts';
import type { Settings } from '../settings.ts';
import { countedGuid, ReceiptBook } from './receipts.ts';
import type { Receipt } from './receipts.ts';

/** A payment record (支付单) as it reached the port. */
export type PaymentRecord = {
  readonly guid: string;
  readonly appType: string;
  readonly payCode: string;
  readonly paymentNo: string;
  readonly orderNo: string;
  readonly ebpCode: string;
  readonly payerId: string;
  readonly payerName: string;
  readonly amountFen: number;
  /** One box plays every office; the note of the message names the one it is for. Empty = not said. */
  readonly place: string;
  readonly receivedAt: number;
  /** The electronic port took it, customs never got it. */
  lost: boolean;
};

/** A list (清单) and what the order behind it says; `paymentNo` stands for the order message (CEB311), which this box does not take. */
export type ListInput = {
  readonly orderNo: string;
  readonly waybillNo: string;
  readonly paymentNo?: string;
  readonly amountFen?: number;
  readonly buyerId?: string;
  readonly place?: string;
  readonly ebpCode: string;
  readonly copNo?: string;
};

export const listStates = ['arrived', 'waiting', 'released', 'refused'] as const;

export type PortList = ListInput & {
  readonly guid: string;
  readonly copNo: string;
  readonly preNo: string;
  readonly arrivedAt: number;
  state: (typeof listStates)[number];
  releasedAt: number | undefined;
};

/** What a fault rule makes of a payment record instead of the normal way. */
export type Fate = {
  readonly lost: boolean;
  readonly receipt?: { readonly code: string; readonly text: string; readonly present: boolean };
};
export const normalFate: Fate = { lost: false };

export type ReceiptListener = (guid: string, code: string, info: string, at: number) => void;

export class PortBooks {
  readonly receipts = new ReceiptBook();
  readonly lists = new Map<string, PortList>();
  readonly #records = new Map<string, PaymentRecord>();
  readonly #byOrder = new Map<string, PaymentRecord[]>();
  readonly #agenda: Agenda;
  readonly #settings: () => Settings;
  /** The payment enterprise reads its receipts here: Alipay's `customs_code` is what this port says. */
  onPaymentReceipt: ReceiptListener = () => {};
  #listCount = 0;

  constructor(agenda: Agenda, settings: () => Settings) {
    this.#agenda = agenda;
    this.#settings = settings;
  }

  get recordCount(): number {
    return this.#records.size;
  }

  recordsOf(orderNo: string): readonly PaymentRecord[] {
    return this.#byOrder.get(orderNo) ?? [];
  }

  record(place: string, payCode: string, paymentNo: string): PaymentRecord | undefined {
    return this.#records.get(recordKey(place, payCode, paymentNo));
  }

  receivePayment(incoming: PaymentRecord, at: number, fate: Fate): void {
    const refusal = this.#refusalOf(incoming) ?? (fate.receipt?.present === false ? fate.receipt : undefined);
    if (refusal) {
      this.#answerPayment(incoming, refusal.code, refusal.text, at);
      return;
    }
    this.#keep({ ...incoming, lost: fate.lost });
    if (fate.receipt) {
      this.#answerPayment(incoming, fate.receipt.code, fate.receipt.text, at);
    } else {
      const done = incoming.appType === '2' ? '变更申报成功' : '新增申报成功';
      this.#answerPayment(incoming, '2', `${done}[${incoming.guid}]`, at);
      if (!fate.lost) this.#passOn(incoming, at);
    }
    if (!fate.lost) this.#reviveLists(incoming.orderNo, at);
  }

  /** Codes of the GACC table for payment documents: -401006 nothing to change, -401007 the number exists already. */
  #refusalOf(incoming: PaymentRecord): { code: string; text: string } | undefined {
    const held = this.record(incoming.place, incoming.payCode, incoming.paymentNo);
    if (incoming.appType === '1' && held)
      return { code: '-401007', text: `支付单已存在[支付单号：${incoming.paymentNo}]` };
    if (incoming.appType !== '1' && !held)
      return { code: '-401006', text: `申报类型错误，无可变更的支付单[${incoming.paymentNo}]` };
    return undefined;
  }

  #keep(record: PaymentRecord): void {
    const key = recordKey(record.place, record.payCode, record.paymentNo);
    const before = this.#records.get(key);
    if (before) {
      const siblings = this.#byOrder.get(before.orderNo) ?? [];
      this.#byOrder.set(
        before.orderNo,
        siblings.filter((other) => other !== before),
      );
    }
    if (record.appType === '3') {
      this.#records.delete(key);
      return;
    }
    this.#records.set(key, record);
    this.#byOrder.set(record.orderNo, [...(this.#byOrder.get(record.orderNo) ?? []), record]);
  }

  #passOn(record: PaymentRecord, at: number): void {
    const { passed_on_ms: passedOn, stored_ms: stored, settled_ms: settled } = this.#settings().delays;
    this.#follow(record, [
      [at + passedOn, '3', '发送海关成功'],
      [at + stored, '120', '[Code:1800;Desc:逻辑校验通过]'],
      [at + settled, '399', '[Code:1900;Desc:审结]'],
    ]);
  }

  /** One receipt after the other, each put on the agenda by the one before: histories are long, the agenda stays short. */
  #follow(record: PaymentRecord, steps: readonly (readonly [number, string, string])[]): void {
    const [next, ...rest] = steps;
    if (!next) return;
    const [dueMs, code, info] = next;
    this.#agenda.add(dueMs, (due) => {
      this.#answerPayment(record, code, info, due);
      this.#follow(record, rest);
    });
  }

  #answerPayment(record: PaymentRecord, code: string, info: string, at: number): void {
    const { guid, payCode, paymentNo } = record;
    this.receipts.add({ kind: '412', at, code, info, guid, payCode, paymentNo });
    this.onPaymentReceipt(guid, code, info, at);
  }

  /** The same order number again is the agent sending the list again: it is compared anew. */
  receiveList(input: ListInput, at: number): void {
    this.#listCount += 1;
    const n = String(this.#listCount).padStart(8, '0');
    const before = this.lists.get(input.orderNo);
    if (before?.state === 'released') return;
    const list: PortList = {
      ...input,
      guid: countedGuid('621', this.#listCount),
      copNo: input.copNo ?? before?.copNo ?? `INV${n}`,
      preNo: before?.preNo ?? `B00000000${n}0`,
      arrivedAt: before?.arrivedAt ?? at,
      state: 'arrived',
      releasedAt: undefined,
    };
    this.lists.set(input.orderNo, list);
    this.#agenda.add(at + this.#settings().delays.list_taken_ms, (due) => this.#compare(list, at, due));
  }

  #compare(list: PortList, sentAt: number, at: number): void {
    const head = `清单新增申报成功[电商企业编码：${list.ebpCode}订单编号：${list.orderNo}]`;
    if (this.#candidates(list).length === 0) {
      list.state = 'waiting';
      const missing = `${head}; 对应电商平台为[${list.ebpCode}]订单号为[${list.orderNo}]支付信息不存在`;
      this.#answerList(list, '2', missing, at);
      return;
    }
    this.#answerList(list, '2', head, at);
    const { list_released_ms: released } = this.#settings().delays;
    this.#agenda.add(Math.max(at, sentAt + released), (due) => this.#judge(list, due));
  }

  /** A payment number that differs from the order's is, for the port, a payment that does not exist. */
  #candidates(list: PortList): PaymentRecord[] {
    return this.recordsOf(list.orderNo).filter(
      (record) =>
        !record.lost &&
        (list.paymentNo === undefined || list.paymentNo === record.paymentNo) &&
        (list.place === undefined || record.place === '' || list.place === record.place),
    );
  }

  #judge(list: PortList, at: number): void {
    if (list.state === 'released' || this.lists.get(list.orderNo) !== list) return;
    const found = this.#candidates(list);
    if (found.length === 0) {
      list.state = 'waiting';
      return;
    }
    const refusal = found.every((record) => refusalOfMatch(list, record)) ? refusalOfMatch(list, found[0]) : undefined;
    if (refusal) {
      list.state = 'refused';
      this.#answerList(list, '100', refusal, at);
      return;
    }
    list.state = 'released';
    list.releasedAt = at;
    this.#answerList(list, '120', '[Code:1800;Desc:逻辑校验通过]', at);
    this.#answerList(list, '800', '[Code:2600;Desc:放行]', at);
  }

  #reviveLists(orderNo: string, at: number): void {
    const list = this.lists.get(orderNo);
    const settings = this.#settings();
    if (!list || list.state !== 'waiting' || !settings.late_payment_revives) return;
    this.#agenda.add(at + settings.delays.late_release_ms, (due) => this.#judge(list, due));
  }

  #answerList(list: PortList, code: string, info: string, at: number): void {
    const { guid, ebpCode, copNo, preNo } = list;
    const invtNo = code === '2' ? undefined : `2928${new Date(at).getUTCFullYear()}I${preNo.slice(9)}`;
    const receipt: Receipt = { kind: '622', at, code, info, guid, ebpCode, copNo, preNo };
    this.receipts.add(invtNo ? { ...receipt, invtNo } : receipt);
  }
}

function recordKey(place: string, payCode: string, paymentNo: string): string {
  return `${place}|${payCode}|${paymentNo}`;
}

function refusalOfMatch(list: PortList, record: PaymentRecord | undefined): string | undefined {
  if (!record) return undefined;
  if (list.amountFen !== undefined && list.amountFen !== record.amountFen) return '清单与支付单金额不一致';
  if (list.buyerId !== undefined && list.buyerId !== record.payerId)
    return '[Code:1327;Desc:订购人与支付人姓名或证件号码不一致]';
  return undefined;
}
