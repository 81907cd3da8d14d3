/** A secret value. It prints `***` in JSON, text and logs; `reveal` appears in a channel's sign.ts, in sealing and in the transport only. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  /** So that nobody opens it only to see whether there is anything inside. */
  isEmpty(): boolean {
    return this.#value === '';
  }

  toString(): string {
    return '***';
  }

  toJSON(): string {
    return '***';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '***';
  }
}
