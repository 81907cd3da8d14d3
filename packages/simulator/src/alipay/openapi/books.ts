import type { Agenda } from '../../agenda.ts';
import { controlVerbs } from './control.ts';
import { refusingFaults, shortMethod } from './faults.ts';
import type { OpenApiHit } from './faults.ts';
import type { MethodResult } from './method-call.ts';
import { methodsByName } from './methods.ts';
import type { Notice } from './notices.ts';
import { Register } from './register.ts';
import { refusal } from './results.ts';
import type { OpenApiSettings } from './settings.ts';
import { word } from './terms.ts';
import type { OpenApiCall } from './types.ts';

export type CallOutcome = {
  readonly result: MethodResult;
  readonly hits: readonly OpenApiHit[];
  /** Notifications that must arrive before the answer does. */
  readonly beforeAnswer: readonly Notice[];
};

export type ControlOutcome = { readonly answer: unknown; readonly beforeAnswer: readonly Notice[] };

/** What the gateway reports of a delivery: the status and the text that came back, or why nothing did. */
export type NoticeReport = { readonly seq: number; readonly due: number; readonly answer: string };

/** The three ways in which something reaches the books: a merchant's call, a command at a control door, a receiver's answer. */
export class OpenApiBooks {
  readonly register: Register;

  constructor(agenda: Agenda, settings: () => OpenApiSettings) {
    this.register = new Register(agenda, settings);
  }

  call(call: OpenApiCall, at: number): CallOutcome {
    const { register } = this;
    register.beforeAnswer = [];
    const app = register.apps.get(call.appId);
    const method = methodsByName.get(call.method);
    if (!app || !method) throw new Error(`a call that the gateway should have refused: ${call.method}`);
    const hits = register.play({
      method: shortMethod(call.method),
      appId: call.appId,
      outTradeNo: word(call.biz, 'out_trade_no'),
      tradeNo: word(call.biz, 'trade_no'),
      outRequestNo: word(call.biz, 'out_request_no'),
      event: undefined,
    });
    const refuses = hits.some(isRefusing);
    const result = refuses ? refusal('20000', 'isp.unknow-error') : method({ register, call, app, at, hits });
    return { result, hits, beforeAnswer: register.beforeAnswer };
  }

  /** Throws BadRequest, before anything has changed. */
  control(verb: string, input: unknown, at: number): ControlOutcome | undefined {
    this.register.beforeAnswer = [];
    const act = controlVerbs.get(verb);
    if (!act) return undefined;
    const answer = act(this.register, input, at);
    return { answer, beforeAnswer: this.register.beforeAnswer };
  }

  noticed(report: NoticeReport, at: number): void {
    this.register.notices.answered(report.seq, report.due, report.answer, at);
  }
}

function isRefusing(hit: OpenApiHit): boolean {
  return refusingFaults.some((name) => name === hit.fault) || hit.params['book'] === false;
}
