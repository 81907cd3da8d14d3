/**
 * Bytes that come in small pieces and leave as one. They are copied: a small Buffer is a window of a slab of 64 KiB (Node.js manual, "Buffer
 * pool"), and one that waits keeps the whole slab.
 */
export class GatheredBytes {
  #bytes: Buffer;
  #length = 0;

  constructor(expected: number) {
    this.#bytes = Buffer.allocUnsafeSlow(expected);
  }

  get length(): number {
    return this.#length;
  }

  write(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) {
      const wider = Buffer.allocUnsafeSlow(2 * length);
      wider.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = wider;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }

  /** All of it; valid until the next write, which begins anew. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    return taken;
  }
}
