export type { Because, NotOffered, Offer, Offers, OfferWish, OrderNeeds } from './candidate.ts';
export { askOffers, listNotices, listRules, setRule, tellNotice, withdrawNotice } from './commands.ts';
export type { NewNotice, NewRule } from './commands.ts';
export { offersFor } from './offers.ts';
export type { OfferParts } from './offers.ts';
export { payerSideOf } from './payer-side.ts';
export type { PayerSide, SideHint } from './payer-side.ts';
export type { Notice, Rule } from './rules.ts';
