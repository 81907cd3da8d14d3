export type { Because, NotOffered, Offer, Offers, OfferWish, OrderNeeds } from './candidate.ts';
export { offersFor } from './offers.ts';
export type { OfferParts } from './offers.ts';
export { payerSideOf } from './payer-side.ts';
export type { PayerSide, SideHint } from './payer-side.ts';
