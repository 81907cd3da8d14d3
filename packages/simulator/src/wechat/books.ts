import type { Agenda } from '../agenda.ts';
import { wordOr } from '../input.ts';
import type { PortBooks } from '../port/books.ts';
import { BillDesk } from './bill-desk.ts';
import { controlVerbs } from './control.ts';
import { CustomsDesk } from './customs-desk.ts';
import { isRefusing, playedOf } from './faults.ts';
import type { Hit } from './faults.ts';
import { word } from './fields.ts';
import { methodsByName } from './methods.ts';
import type { Notice } from './notices.ts';
import { Register } from './register.ts';
import { ShareDesk } from './share-desk.ts';
import { refused } from './results.ts';
import type { Result, WechatCall } from './types.ts';

/** What reaches the books: a merchant's call, a command at a control door, a receiver's answer to a callback. */
export type WechatAct =
  | { readonly does: 'call'; readonly call: WechatCall }
  | { readonly does: 'control'; readonly verb: string; readonly input: unknown }
  | { readonly does: 'noticed'; readonly seq: number; readonly due: number; readonly answer: string };

export type WechatOutcome = {
  readonly result: Result;
  /** Of a control command. */
  readonly answer: unknown;
  readonly hits: readonly Hit[];
  /** Callbacks that must arrive before the answer does. */
  readonly beforeAnswer: readonly Notice[];
};

const nothing: WechatOutcome = { result: refused('NOT_FOUND'), answer: undefined, hits: [], beforeAnswer: [] };

export class WechatBooks {
  readonly register: Register;
  readonly customs: CustomsDesk;
  readonly sharing = new ShareDesk();
  readonly #bills = new BillDesk();

  constructor(agenda: Agenda, port: PortBooks) {
    this.register = new Register(agenda);
    this.customs = new CustomsDesk(agenda, port, () => this.register.settings);
  }

  /** Throws BadRequest, before anything has changed. `undefined` = no such command. */
  act(act: WechatAct, at: number): WechatOutcome | undefined {
    this.register.beforeAnswer = [];
    switch (act.does) {
      case 'call':
        return this.#call(act.call, at);
      case 'control': {
        const verb = controlVerbs.get(act.verb);
        if (!verb) return undefined;
        const answer = verb(this, act.input, at);
        return { ...nothing, answer, beforeAnswer: this.register.beforeAnswer };
      }
      case 'noticed':
        if (this.register.notices.outbox.get(act.seq) === act.due) this.register.revision += 1;
        this.register.notices.answered(act.seq, act.due, act.answer, at);
        return nothing;
    }
  }

  #call(call: WechatCall, at: number): WechatOutcome {
    const { register, customs, sharing } = this;
    const merchant = register.merchants.get(call.mchid);
    const method = methodsByName.get(call.api);
    if (!merchant || !method) throw new Error(`a call that the door should have refused: ${call.api}`);
    const hits = register.play({
      api: call.api,
      version: call.version,
      mchid: call.mchid,
      outTradeNo: word(call.fields, 'out_trade_no'),
      transactionId: word(call.fields, 'transaction_id'),
      outRefundNo: word(call.fields, 'out_refund_no'),
      outOrderNo: word(call.fields, 'out_order_no'),
      outReturnNo: word(call.fields, 'out_return_no'),
      event: undefined,
    });
    const result = hits.some(isRefusing)
      ? refusalOf(hits)
      : method({ register, customs, sharing, bills: this.#bills, call, merchant, at, hits });
    return { result, answer: undefined, hits, beforeAnswer: register.beforeAnswer };
  }
}

function refusalOf(hits: readonly Hit[]): Result {
  const business = playedOf(hits, 'business_error');
  if (business) return refused(wordOr(business, 'code', 'RULE_LIMIT'));
  return refused(playedOf(hits, 'frequency_limited_not_booked') ? 'FREQUENCY_LIMITED' : 'SYSTEM_ERROR');
}
