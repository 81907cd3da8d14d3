export { askOnReturn, chooseWay, sayNotPaid, sayPaid } from './acts.ts';
export { cashierVersions } from './live.ts';
export { findCashier, openCashier } from './open-cashier.ts';
export type { CashierWish, OpenedCashier } from './open-cashier.ts';
export { calmPage, calmWords, cashierAssets, cashierPolicy } from './page/shell.ts';
export type { CashierParts, Visit } from './parts.ts';
export type { Cashier } from './session.ts';
export { showCashier } from './show.ts';
