/** One request at a door, read whole. */
export type Call = {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** By its name in lower case. */
  readonly header: (name: string) => string | undefined;
  /** Host and port as the caller named them. */
  readonly host: string;
  readonly body: Buffer;
  /** Throws BadRequest. */
  readonly json: () => unknown;
};
