import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { GatheredBytes } from '../platform/gathered-bytes.ts';

const pieceBytes = 512 * 1024;
/** The last line of a piece may go beyond it. */
const linesMax = 16 * 1024;

/** A finished file: its digest, and its contents in pieces that are inflated one by one. */
export type PackFile = {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly pieces: readonly Uint8Array[];
};

/** A file that grows; only its deflated pieces are held. */
export class FilePieces {
  readonly name: string;
  readonly #hash = createHash('sha256');
  readonly #pieces: Uint8Array[] = [];
  readonly #waiting = new GatheredBytes(pieceBytes + linesMax);
  #bytes = 0;

  constructor(name: string) {
    this.name = name;
  }

  write(content: string | Uint8Array): void {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    this.#waiting.write(bytes);
    if (this.#waiting.length >= pieceBytes) this.#flush();
  }

  #flush(): void {
    this.#pieces.push(Uint8Array.from(deflateRawSync(this.#waiting.take(), { level: 2 })));
  }

  finish(): PackFile {
    if (this.#waiting.length > 0) this.#flush();
    return { name: this.name, bytes: this.#bytes, sha256: this.#hash.digest('hex'), pieces: this.#pieces };
  }
}

export function fileOf(name: string, content: string): PackFile {
  const file = new FilePieces(name);
  file.write(content);
  return file.finish();
}

export function inflatePiece(piece: Uint8Array): Uint8Array {
  return new Uint8Array(inflateRawSync(piece, { maxOutputLength: 64 * 1024 * 1024 }));
}
