import { constants, crc32, deflateRawSync } from 'node:zlib';
import { assert } from '../../kernel/index.ts';
import { GatheredBytes } from '../gathered-bytes.ts';

const pieceBytes = 256 * 1024;
/** The last line of a piece may go beyond it. */
const linesMax = 16 * 1024;
/** A sheet of one cell after another shrinks to a thirtieth at any level; the higher ones only take longer. */
const level = 2;
/** An empty last block with fixed codes (RFC 1951 §3.2.3): it ends what was flushed and not finished. */
const lastBlock = Uint8Array.of(0x03, 0x00);

/**
 * One file of an archive. What is written is deflated piece by piece and only kept small: each piece is flushed to a whole byte
 * (RFC 1951 §3.2.4), so that the pieces in a row are one stream.
 */
export class ZipEntry {
  readonly name: string;
  #crc = 0;
  #size = 0;
  readonly #waiting = new GatheredBytes(pieceBytes + linesMax);
  readonly #deflated: Uint8Array[] = [];

  constructor(name: string) {
    this.name = name;
  }

  write(bytes: Uint8Array): void {
    this.#waiting.write(bytes);
    if (this.#waiting.length >= pieceBytes) this.#flush();
  }

  #flush(): void {
    const piece = this.#waiting.take();
    this.#crc = crc32(piece, this.#crc);
    this.#size += piece.length;
    this.#deflated.push(Uint8Array.from(deflateRawSync(piece, { level, finishFlush: constants.Z_FULL_FLUSH })));
  }

  finish(): { readonly crc: number; readonly size: number; readonly deflated: readonly Uint8Array[] } {
    if (this.#waiting.length > 0) this.#flush();
    return { crc: this.#crc, size: this.#size, deflated: [...this.#deflated, lastBlock] };
  }
}

/** 1980-01-01 00:00, the first moment that the format has: equal contents make equal archives. */
const noTime = { time: 0, date: 0x21 };
/** Names are UTF-8 (APPNOTE.TXT 6.3.10, §4.4.4, bit 11). */
const utf8Names = 0x0800;
const limit = 0xffff_ffff;

/**
 * A ZIP archive (APPNOTE.TXT 6.3.10), handed out piece by piece. No ZIP64: what does not fit into 4 GiB is a bug of the caller.
 * Sizes stand before the contents, as some readers of workbooks take nothing else.
 */
export class ZipWriter {
  readonly #out: (bytes: Uint8Array) => void;
  readonly #directory: Buffer[] = [];
  #at = 0;

  constructor(out: (bytes: Uint8Array) => void) {
    this.#out = out;
  }

  add(entry: ZipEntry): void {
    const { crc, size, deflated } = entry.finish();
    const packed = deflated.reduce((sum, piece) => sum + piece.length, 0);
    assert(size <= limit && this.#at + packed <= limit, `${entry.name} is too large for an archive without ZIP64`);
    const name = Buffer.from(entry.name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(utf8Names, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt16LE(noTime.time, 6);
    common.writeUInt16LE(noTime.date, 8);
    common.writeUInt32LE(crc, 10);
    common.writeUInt32LE(packed, 14);
    common.writeUInt32LE(size, 18);
    common.writeUInt16LE(name.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(this.#at, 10);
    this.#directory.push(Buffer.from('504b01021400', 'hex'), common, rest, name);
    for (const piece of [Buffer.from('504b0304', 'hex'), common, name, ...deflated]) this.#write(piece);
  }

  #write(piece: Uint8Array): void {
    this.#at += piece.length;
    this.#out(piece);
  }

  end(): void {
    const entries = this.#directory.length / 4;
    assert(entries <= 0xffff, 'too many files for an archive without ZIP64');
    const directory = Buffer.concat(this.#directory);
    const last = Buffer.alloc(22);
    last.writeUInt32LE(0x06054b50, 0);
    last.writeUInt16LE(entries, 8);
    last.writeUInt16LE(entries, 10);
    last.writeUInt32LE(directory.length, 12);
    last.writeUInt32LE(this.#at, 16);
    this.#write(directory);
    this.#write(last);
  }
}
