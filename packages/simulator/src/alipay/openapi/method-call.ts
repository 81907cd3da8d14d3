import type { OpenApiHit } from './faults.ts';
import type { Register } from './register.ts';
import type { App, CallResult, Offer, OpenApiCall } from './types.ts';

export type MethodCall = {
  readonly register: Register;
  readonly call: OpenApiCall;
  readonly app: App;
  readonly at: number;
  readonly hits: readonly OpenApiHit[];
};

/** `offer`: what the payer can open now; the door makes an address of it. */
export type MethodResult = CallResult & { readonly offer?: Offer };
