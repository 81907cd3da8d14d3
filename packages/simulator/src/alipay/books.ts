import type { Agenda } from '../agenda.ts';
import type { FaultRules, Hit } from '../faults.ts';
import { yuanOf } from '../money.ts';
import type { PortBooks } from '../port/books.ts';
import type { Settings } from '../settings.ts';
import { compactTime, spacedTime } from '../shanghai.ts';
import { fateOf } from './fate.ts';
import type { Fate } from './fate.ts';
import { Life } from './life.ts';
import { judge } from './rules.ts';
import type { Verdict } from './rules.ts';
import type { Attempt, Declaration, DeclareCall, DeclareResult, Partner, Terms, Trade } from './types.ts';

export type DeclareOutcome = {
  readonly result: DeclareResult;
  readonly booked: boolean;
  readonly hits: readonly Hit[];
};

/** Alipay's side: partners, trades, declarations, and every attempt ever made, executed or not. */
export class AlipayBooks {
  readonly partners = new Map<string, Partner>();
  readonly trades = new Map<string, Trade>();
  readonly declarations = new Map<string, Declaration>();
  readonly attempts = new Map<string, Attempt[]>();
  readonly #byTrade = new Map<string, Declaration[]>();
  readonly #lastDeclaredAt = new Map<string, number>();
  readonly #faults: FaultRules;
  readonly #settings: () => Settings;
  readonly #life: Life;
  #declareCount = 0;

  constructor(agenda: Agenda, faults: FaultRules, settings: () => Settings, port: PortBooks) {
    this.#faults = faults;
    this.#settings = settings;
    this.#life = new Life(agenda, settings, port);
  }

  addTrade(trade: Trade): void {
    this.trades.set(booksKey(trade.partner, trade.tradeNo), trade);
  }

  declare(call: DeclareCall, at: number): DeclareOutcome {
    const key = booksKey(call.partner, call.out_request_no);
    const record = this.declarations.get(key);
    const trade = this.trades.get(booksKey(call.partner, call.trade_no));
    const hits = this.#faults.play(occasionOf(call, record, trade));
    const fate = fateOf(hits);
    if (fate.refuse) {
      const failure = fate.businessError ?? { code: 'SYSTEM_ERROR', text: '系统繁忙' };
      return this.#note(key, at, fate, { kind: 'fail', failure }, `fault ${fate.refuse}`, hits);
    }
    const tradeKey = booksKey(call.partner, call.trade_no);
    const verdict = judge(call, {
      trade,
      record,
      ofTrade: this.#byTrade.get(tradeKey) ?? [],
      lastDeclaredAt: this.#lastDeclaredAt.get(tradeKey),
      now: at,
      settings: this.#settings(),
    });
    if (this.#settings().unexecuted_restarts_gap && record) this.#lastDeclaredAt.set(tradeKey, at);
    return this.#carryOut(verdict, key, record, at, fate, hits);
  }

  #carryOut(
    verdict: Verdict,
    key: string,
    record: Declaration | undefined,
    at: number,
    fate: Fate,
    hits: readonly Hit[],
  ): DeclareOutcome {
    switch (verdict.kind) {
      case 'fail':
        return this.#note(key, at, fate, verdict, verdict.failure.text, hits);
      case 'first': {
        const first = this.#open(key, verdict.terms, verdict.trade, at);
        this.#push(first, verdict.terms, at, fate);
        if (fate.forget) this.#forget(key, first);
        const identity = identityOf(verdict.terms, verdict.trade, fate);
        return this.#note(key, at, fate, success(first, identity), undefined, hits);
      }
      case 'same_answer':
      case 'push_again': {
        if (!record) throw new Error('a re-push without a record');
        const idle =
          verdict.kind === 'same_answer' ? verdict.why : fate.noEffect ? 'fault no_effect_repush' : undefined;
        if (idle !== undefined || verdict.kind === 'same_answer')
          return this.#note(key, at, fate, success(record, undefined), idle, hits);
        if (fate.newNumber) record.pushedNo = this.#nextNumber(at);
        this.#push(record, verdict.terms, at, fate);
        if (fate.forget) this.#forget(key, record);
        return this.#note(key, at, fate, success(record, undefined), undefined, hits);
      }
    }
  }

  #open(key: string, terms: Terms, trade: Trade, at: number): Declaration {
    const declareNo = this.#nextNumber(at);
    const [partner, requestNo] = [trade.partner, key.slice(trade.partner.length + 1)];
    const declaration: Declaration = {
      partner,
      requestNo,
      trade,
      declareNo,
      terms,
      registered: { place: terms.place, customsCode: terms.customsCode },
      // Not split: the trade number itself. Split: a new number, equal to the declaration number.
      pushedNo: terms.split ? declareNo : terms.tradeNo,
      status: 'ws',
      memo: '',
      modifiedAt: at,
      customsCode: '',
      customsInfo: '',
      customsReturnAt: undefined,
      pushes: 0,
      takenAs: undefined,
    };
    this.declarations.set(key, declaration);
    const tradeKey = booksKey(partner, terms.tradeNo);
    this.#byTrade.set(tradeKey, [...(this.#byTrade.get(tradeKey) ?? []), declaration]);
    return declaration;
  }

  #push(declaration: Declaration, terms: Terms, at: number, fate: Fate): void {
    declaration.terms = terms;
    this.#lastDeclaredAt.set(booksKey(declaration.partner, terms.tradeNo), at);
    this.#life.push(declaration, at, fate);
  }

  #forget(key: string, declaration: Declaration): void {
    this.declarations.delete(key);
    const tradeKey = booksKey(declaration.partner, declaration.terms.tradeNo);
    this.#byTrade.set(
      tradeKey,
      (this.#byTrade.get(tradeKey) ?? []).filter((other) => other !== declaration),
    );
    this.#lastDeclaredAt.delete(tradeKey);
    declaration.pushes += 1;
  }

  #nextNumber(at: number): string {
    this.#declareCount += 1;
    return `${compactTime(at)}706${String(this.#declareCount).padStart(8, '0')}`;
  }

  #note(
    key: string,
    at: number,
    fate: Fate,
    result: DeclareResult,
    whyNot: string | undefined,
    hits: readonly Hit[],
  ): DeclareOutcome {
    const attempt: Attempt = {
      at,
      executed: whyNot === undefined,
      ...(whyNot === undefined ? {} : { why_not: whyNot }),
      answer: result.kind === 'success' ? 'SUCCESS' : result.failure.code,
      ...(fate.names.length > 0 ? { faults: fate.names } : {}),
    };
    const before = this.attempts.get(key);
    if (before) before.push(attempt);
    else this.attempts.set(key, [attempt]);
    return { result, booked: attempt.executed, hits };
  }

  find(partner: string, requestNo: string): Declaration | undefined {
    return this.declarations.get(booksKey(partner, requestNo));
  }
}

export function booksKey(partner: string, no: string): string {
  return `${partner}|${no}`;
}

function occasionOf(
  call: DeclareCall,
  record: Declaration | undefined,
  trade: Trade | undefined,
): Parameters<FaultRules['play']>[0] {
  const split = call.is_split?.toUpperCase() === 'T';
  const orderNo = split ? call.sub_out_biz_no : trade?.outTradeNo;
  return {
    partner: call.partner,
    operation: 'declare',
    requestNos: [call.out_request_no],
    tradeNos: [call.trade_no],
    orderNos: orderNo === undefined ? [] : [orderNo],
    places: [call.customs_place.toUpperCase()],
    isRepush: record !== undefined,
  };
}

/** Answered only on the first call, and only when both buyer fields were sent. */
function identityOf(terms: Terms, trade: Trade, fate: Fate): 'T' | 'F' | undefined {
  if (terms.buyerName === '' || terms.buyerId === '') return undefined;
  const same = terms.buyerName === trade.payerName && terms.buyerId.toUpperCase() === trade.payerId.toUpperCase();
  return same && !fate.identityDifferent ? 'T' : 'F';
}

function success(declaration: Declaration, identity: 'T' | 'F' | undefined): DeclareResult {
  return {
    kind: 'success',
    fields: {
      alipay_declare_no: declaration.declareNo,
      ...(identity ? { identity_check: identity } : {}),
      out_request_no: declaration.requestNo,
      result_code: 'SUCCESS',
      trade_no: declaration.pushedNo,
    },
  };
}

/** The elements of one `customs_declare` of a query answer, in the order of the document's sample. */
export function recordFields(declaration: Declaration, settings: Settings): Record<string, string> {
  const { terms, registered } = declaration;
  const codes = settings.places[registered.place]?.codes ?? 'none';
  const code = codes === 'numbers' ? declaration.customsCode : codes === 'words' ? word(declaration.customsCode) : '';
  return {
    alipay_declare_no: declaration.declareNo,
    amount: yuanOf(terms.amountFen),
    ...(terms.split ? { is_split: 'T', sub_out_biz_no: terms.childOrderNo } : {}),
    customs_place: registered.place.toLowerCase(),
    last_modified_time: spacedTime(declaration.modifiedAt),
    memo: declaration.memo,
    merchant_customs_code: registered.customsCode,
    merchant_customs_name: terms.customsName,
    out_request_no: declaration.requestNo,
    status: declaration.status,
    trade_no: declaration.pushedNo,
    ...(code === '' ? {} : { customs_code: code }),
    ...(codes === 'numbers' && code !== '' ? receiptFields(declaration) : {}),
  };
}

function receiptFields(declaration: Declaration): Record<string, string> {
  const returned = declaration.customsReturnAt;
  return {
    customs_info: declaration.customsInfo,
    ...(returned === undefined ? {} : { customs_return_time: compactTime(returned) }),
  };
}

function word(customsCode: string): string {
  if (customsCode === '') return '';
  return Number(customsCode) < 0 || customsCode === '4' || customsCode === '100' ? 'fail' : 'succ';
}
