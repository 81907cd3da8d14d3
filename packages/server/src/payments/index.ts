export { readPaymentFile } from './payment-file.ts';
export type { AdoptedRow, DefaultableField, PaymentDefaults, PaymentFile } from './payment-file.ts';
export { claimTrades, findOrders, findPayments, insertAdoptedPayments, insertOrders, releaseTrades } from './store.ts';
export type { OrderRow, PaymentRow } from './store.ts';
