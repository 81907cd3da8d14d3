/** A refusal as the server writes it: `application/problem+json` (RFC 9457) with Liushui's members. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** One of the server's catalogue; never given another meaning. */
  readonly code: string;
  /** The member of the request that is meant. */
  readonly pointer?: string;
  readonly detail: string;
  readonly detail_zh: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly money: 'not_moved' | 'moved' | 'unknown';
  readonly retry: 'never' | 'same_key' | 'after' | 'change_input';
  readonly way_out: { readonly zh: string; readonly en: string };
  readonly request_id: string;
};

/** The server said no, and said what became of the money. Nothing else is a failure. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly code: string;
  readonly status: number;
  readonly problem: Problem;
  readonly wayOut: Problem['way_out'];
  readonly moneyMoved: Problem['money'];
  readonly requestId: string;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail} ${problem.way_out.en}`);
    this.code = problem.code;
    this.status = problem.status;
    this.problem = problem;
    this.wayOut = problem.way_out;
    this.moneyMoved = problem.money;
    this.requestId = problem.request_id;
  }
}

/** What the caller can look the outcome up by. */
export type About = Readonly<Partial<Record<'order_no' | 'refund_no' | 'payment_id' | 'refund_id', string>>>;

/**
 * It is not known whether the act took effect: no word came back in time, or none that can be read. It has not failed. Ask again with the same
 * `key`, which cannot do it twice, or look at the order. It is no RefusedError, so that whoever catches failures does not catch it.
 */
export class OutcomeUnknownError extends Error {
  override readonly name = 'OutcomeUnknownError';
  /** The Idempotency-Key to ask again with. */
  readonly key: string;
  readonly about: About;
  readonly why: string;

  constructor(line: string, key: string, about: About, why: string, cause: unknown) {
    const numbers = Object.entries(about).map(([name, value]) => `${name} ${value}`);
    const subject = [line, ...numbers].join(', ');
    super(
      `${subject}: ${why}. The outcome is unknown, it has not failed. Ask again with the same key ${key}, or look at the order. ` +
        `结果未知，不是失败：请用同一个键再问一次，或查询该订单。`,
      { cause },
    );
    this.key = key;
    this.about = about;
    this.why = why;
  }
}

/** Nothing happened: the request never left, or it only asked and changes nothing. It may be made again at any time. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';

  constructor(line: string, why: string, cause: unknown) {
    super(`${line}: ${why}. Nothing was changed. 没有执行任何操作。`, { cause });
  }
}
