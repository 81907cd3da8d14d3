/** A bug, never a refusal and never an outcome: the job stops and a case opens. */
export class Bug extends Error {
  override readonly name = 'Bug';
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Bug(message);
}

export function assertNever(value: never): never {
  throw new Bug(`unexpected value ${JSON.stringify(value)}`);
}
