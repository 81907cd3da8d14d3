import { triageTable } from '../customs/index.ts';
import { csvLine, csvMark } from '../platform/tables/csv-writer.ts';
import type { PackMember } from './member.ts';
import { underWay } from './routing.data.ts';

const headings = [
  'order_no',
  'child_order_no',
  'request_no',
  'place',
  'triage_row',
  'cause_zh',
  'cause_en',
  'do_zh',
  'do_en',
];

/** What neither channel nor port can mend: handed to nobody, and told with what to do. */
export class OursList {
  readonly rows: Record<string, number> = {};
  members = 0;
  readonly #lines: string[] = [csvMark + csvLine(headings)];

  add({ declaration, verdictRow, why }: PackMember): void {
    // The table says what to do about the record; while a plan is at it, only that matters.
    const row = why === underWay.why ? undefined : triageTable.find((one) => one.row === verdictRow);
    this.members += 1;
    this.rows[verdictRow ?? ''] = (this.rows[verdictRow ?? ''] ?? 0) + 1;
    const { orderNo, childOrderNo, requestNo, place } = declaration;
    const told = [row?.causeZh ?? why.zh, row?.causeEn ?? why.en, row?.doZh ?? why.zh, row?.doEn ?? why.en];
    this.#lines.push(csvLine([orderNo, childOrderNo, requestNo ?? '', place, verdictRow ?? '', ...told]));
  }

  csv(): string {
    return this.#lines.join('');
  }
}
