import { rfc3339 } from '../kernel/index.ts';
import type { Currency, Instant } from '../kernel/index.ts';
import { csvLine, csvMark } from '../platform/tables/csv-writer.ts';
import { XlsxWriter } from '../platform/tables/xlsx-writer.ts';
import { FilePieces } from './file-pieces.ts';
import type { PackFile } from './file-pieces.ts';
import { maskPeople } from './mask.ts';
import { cellsOf, columns, isComplete } from './member.ts';
import type { PackMember } from './member.ts';
import type { KeptCall } from './member-store.ts';
import type { Receiver } from './routing.ts';

/** The bytes of a call with the seal open, and their digests. */
export type OpenedCall = {
  readonly call: KeptCall;
  readonly request: Uint8Array | undefined;
  readonly answer: Uint8Array | undefined;
  readonly requestSha256: string;
  readonly answerSha256: string;
};

export type BuildOptions = {
  /** Whether the bytes themselves go along; their digests always do. */
  readonly raw: boolean;
  /** People as they are. */
  readonly unmasked: boolean;
};

/** What a pack is about, in figures. */
export type PackFigures = {
  readonly members: number;
  readonly moneyMinor: bigint;
  readonly currency: Currency | undefined;
  readonly firstAt: Instant | undefined;
  readonly lastAt: Instant | undefined;
  /** When we heard the last that is in it. */
  readonly factsUntil: Instant;
  readonly rows: ReadonlyMap<string, number>;
  readonly channels: readonly string[];
  readonly accounts: readonly string[];
  readonly places: readonly string[];
  readonly recordNos: readonly string[];
  readonly plans: readonly string[];
  /** Order numbers of members that lack what makes them complete. */
  readonly missing: readonly string[];
};

export type MemberLine = {
  readonly bucket: number;
  readonly declarationId: string;
  readonly verdictRow: string | undefined;
  readonly complete: boolean;
};

const rawHeadings = [
  ...['exchange_id', 'operation', 'sent_at', 'heard_at', 'http_status', 'request_sha256', 'answer_sha256'],
];

/** Most members of a list were told the same: a thousand texts are kept. */
function remembering(mask: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    if (text === '' || text.length > 1000) return mask(text);
    const before = known.get(text);
    if (before !== undefined) return before;
    const masked = mask(text);
    if (known.size < 1000) known.set(text, masked);
    return masked;
  };
}

/** One pack while its members come in, in the order of their source. Holds deflated pieces and figures, never the rows. */
export class PackBuilder {
  readonly receiver: Receiver;
  readonly lines: MemberLine[] = [];
  readonly #mask: (text: string) => string;
  readonly #csv = new FilePieces('orders.csv');
  readonly #xlsx = new XlsxWriter(
    'orders',
    columns.map(({ heading, name, width }) => ({ heading: `${heading.zh} ${name}`, width })),
  );
  readonly #index = new FilePieces('raw/index.csv');
  readonly #messages: FilePieces | undefined;
  readonly #calls = new Set<string>();
  readonly #rows = new Map<string, number>();
  readonly #sets = {
    channels: new Set<string>(),
    accounts: new Set<string>(),
    places: new Set<string>(),
    recordNos: new Set<string>(),
    plans: new Set<string>(),
  };
  readonly #missing: string[] = [];
  #money = 0n;
  #currency: Currency | undefined;
  #firstAt: Instant | undefined;
  #lastAt: Instant | undefined;
  #factsUntil = 0;

  constructor(receiver: Receiver, options: BuildOptions) {
    this.receiver = receiver;
    this.#mask = options.unmasked ? (text) => text : remembering(maskPeople);
    this.#messages = options.raw ? new FilePieces('raw/messages.jsonl') : undefined;
    this.#csv.write(csvMark + csvLine(columns.map(({ name }) => name)));
    this.#index.write(csvMark + csvLine(rawHeadings));
  }

  hasCall(exchangeId: string): boolean {
    return this.#calls.has(exchangeId);
  }

  addCall({ call, request, answer, requestSha256, answerSha256 }: OpenedCall): void {
    if (this.#calls.has(call.exchangeId)) return;
    this.#calls.add(call.exchangeId);
    const heardAt = call.heardAt === undefined ? '' : rfc3339(call.heardAt);
    const status = call.httpStatus === undefined ? '' : String(call.httpStatus);
    this.#index.write(
      csvLine([call.exchangeId, call.operation, rfc3339(call.createdAt), heardAt, status, requestSha256, answerSha256]),
    );
    if (!this.#messages) return;
    const message = { exchange: call.exchangeId, request: this.#shown(request), answer: this.#shown(answer) };
    this.#messages.write(`${JSON.stringify(message)}\n`);
  }

  /** As text where it is UTF-8, else its bytes; masked, and then no longer what the digest is of. */
  #shown(bytes: Uint8Array | undefined): unknown {
    if (bytes === undefined) return null;
    const latin1 = Buffer.from(bytes).toString('latin1');
    const isUtf8 = Buffer.from(bytes).equals(Buffer.from(Buffer.from(bytes).toString('utf8')));
    if (isUtf8) return { text: this.#mask(Buffer.from(bytes).toString('utf8')) };
    return { base64: Buffer.from(this.#mask(latin1), 'latin1').toString('base64') };
  }

  add(member: PackMember): void {
    const { declaration, verdictRow, tried } = member;
    const { summary } = declaration;
    const cells = cellsOf(member, this.#mask);
    this.#csv.write(csvLine(cells));
    this.#xlsx.row(cells);
    const complete = isComplete(member);
    if (!complete) this.#missing.push(declaration.childOrderNo || declaration.orderNo);
    this.lines.push({ bucket: declaration.bucket, declarationId: declaration.id, verdictRow, complete });
    this.#money += declaration.declared.minor;
    this.#currency ??= declaration.declared.currency;
    const row = verdictRow ?? '';
    this.#rows.set(row, (this.#rows.get(row) ?? 0) + 1);
    const at = summary.firstAcceptedAt ?? declaration.paidAt;
    if (this.#firstAt === undefined || at < this.#firstAt) this.#firstAt = at;
    if (this.#lastAt === undefined || at > this.#lastAt) this.#lastAt = at;
    const heard = [summary.lastAskedAt, summary.lastPushAt, summary.missing?.at, summary.best?.at, summary.bad?.at];
    for (const moment of heard) this.#factsUntil = Math.max(this.#factsUntil, moment ?? 0);
    this.#sets.channels.add(declaration.channel);
    this.#sets.accounts.add(declaration.accountId);
    this.#sets.places.add(declaration.place);
    this.#sets.recordNos.add(declaration.customsCode);
    if (tried) this.#sets.plans.add(tried.planId);
  }

  figures(): PackFigures {
    const sorted = (set: ReadonlySet<string>): string[] => [...set].sort();
    return {
      members: this.lines.length,
      moneyMinor: this.#money,
      currency: this.#currency,
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      factsUntil: this.#factsUntil as Instant,
      rows: this.#rows,
      channels: sorted(this.#sets.channels),
      accounts: sorted(this.#sets.accounts),
      places: sorted(this.#sets.places),
      recordNos: sorted(this.#sets.recordNos),
      plans: sorted(this.#sets.plans),
      missing: this.#missing,
    };
  }

  /** The files of the members, in the order in which a manifest names them. */
  finish(): PackFile[] {
    const workbook = new FilePieces('orders.xlsx');
    for (const piece of this.#xlsx.end()) workbook.write(piece);
    const files = [this.#csv.finish(), workbook.finish(), this.#index.finish()];
    return this.#messages ? [...files, this.#messages.finish()] : files;
  }
}
