/** A primitive that may not be mixed up with another one of the same shape. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };

/** Milliseconds since 1970-01-01T00:00Z: when something happened. */
export type Instant = Brand<number, 'Instant'>;
/** `yyyy-mm-dd`: the day something is booked under. */
export type BusinessDate = Brand<string, 'BusinessDate'>;
