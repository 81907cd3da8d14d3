/** What a receipt's `returnStatus` says, in classes that the triage can act on. */
export type ReturnClass =
  | 'pending'
  | 'at_eport'
  | 'to_customs'
  | 'hop_failed'
  | 'refused'
  | 'stored'
  | 'manual'
  | 'settled'
  | 'inspection'
  | 'seized'
  | 'sent_back'
  | 'released'
  | 'closed'
  | 'present'
  | 'absent'
  | 'data'
  | 'retry'
  | 'registration'
  | 'duplicate'
  | 'exception'
  | 'unknown';

/**
 * `rank` is how far the document is proved to have come: 0 nothing, 2 e-port, 3 passed on, 4 stored by customs, 5 settled or released.
 * Failures rank 0: they belong to one attempt and never lower what an earlier one proved.
 */
export type ReturnMeaning = {
  readonly class: ReturnClass;
  readonly rank: number;
  /** Its writer says that customs gave no answer: then its date is none of customs'. */
  readonly isSilence?: true;
};

/** GACC import message specification 202205: receipt states, then the error tables for payment (401), order (301), list (621) and transport. */
const meanings = `
  1        pending       1
  2        at_eport      2
  3        to_customs    3
  4        hop_failed    0
  100      refused       0
  120      stored        4
  300      manual        4
  399      settled       5
  500      inspection    4
  501      seized        4
  502      seized        4
  503      seized        4
  599      seized        4
  700      sent_back     5
  800      released      5
  899      closed        5
  -401001  absent        0
  -401002  absent        0
  -401003  duplicate     0
  -401004  absent        0
  -401005  exception     0
  -401006  exception     0
  -401007  present       2
  -401008  present       3
  -401009  data          0
  -401010  retry         0
  -401011  retry         0
  -401012  present       2
  -401013  data          0
  -10101   registration  0
  -10102   registration  0
  -301010  present       2
  -301011  present       3
  -621004  duplicate     0
  -621005  data          0
  -621013  retry         0
  -621014  retry         0
  -621018  data          0
  succ     at_eport      2
  fail     refused       0
  except   hop_failed    0     silence
`;

const unknown: ReturnMeaning = { class: 'unknown', rank: 0 };
/** Every other negative number is a processing error whose text a person must read. */
const exception: ReturnMeaning = { class: 'exception', rank: 0 };

const meaningByStatus: ReadonlyMap<string, ReturnMeaning> = new Map(
  meanings
    .trim()
    .split('\n')
    .map((line) => {
      const [status = '', name = 'unknown', rank = '0', silence] = line.trim().split(/\s+/);
      const meaning = { class: name as ReturnClass, rank: Number(rank) };
      return [status, silence === undefined ? meaning : { ...meaning, isSilence: true }];
    }),
);

/**
 * Total over any text: an unlisted number means "wait and look", never an exception.
 * `succ` and `fail` are Alipay's words for places without codes (acquire.customs query): success proves no more than the e-port. `fail` and
 * `except` are WeChat Pay's (customs query, state): refused, and no answer of customs or one that nobody could read.
 */
export function meaningOf(status: string): ReturnMeaning {
  const text = status
    .trim()
    .toLowerCase()
    .replace(/^[−－﹣]/, '-');
  return meaningByStatus.get(text) ?? (/^-\d+$/.test(text) ? exception : unknown);
}
