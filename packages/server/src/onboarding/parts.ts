import type { PaymentParts } from '../payments/index.ts';

/** What the walk of an account needs of the process it runs in: its acceptance run collects and refunds. */
export type OnboardingParts = PaymentParts;
