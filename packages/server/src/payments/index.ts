export { readPaymentFile } from './payment-file.ts';
export type { AdoptedRow, DefaultableField, PaymentDefaults, PaymentFile } from './payment-file.ts';
export { claimTrades, findOrders, findPayments, insertAdoptedPayments, insertOrders, releaseTrades } from './store.ts';
export type { OrderRow, PaymentRow } from './store.ts';
export { absenceProvesFrom, nextRefundQueryAt } from './asking.ts';
export { isOpenAttempt, moneyOf } from './attempt.ts';
export type { Attempt, AttemptState } from './attempt.ts';
export { countCall, endCalls, keyOfJob, prepareCall, putAside, slowWhereAsked, unbuilt } from './calls.ts';
export { hasCollected } from './collected-store.ts';
export { cancelPayment, findOrder, handOutOf, keepPayment, startPayment, watchPayment } from './commands.ts';
export type { PaymentWish, StartedPayment } from './commands.ts';
export { instructionOf } from './pay-jobs.ts';
export { findHeard } from './story-store.ts';
export { heardAbout } from './hearing.ts';
export { openNoticeDesk } from './notice-desk.ts';
export type { NoticeDesk } from './notice-desk.ts';
export type { Inbound } from './inbound.ts';
export { paymentWorks } from './jobs.ts';
export { wasSaidPaid } from './observe-attempt.ts';
export { openOrderDoor } from './order-door.ts';
export type { OrderDoor } from './order-door.ts';
export { saveOrderChanges } from './order-command.ts';
export { findOrderById, loadOrders } from './order-store.ts';
export { notRefunded, orderStateOf, refundable, sumsOf } from './order.ts';
export type { Order } from './order.ts';
export type { PaymentParts } from './parts.ts';
export { askPaymentNow, giveUpPayment } from './payer-commands.ts';
export type { Payment, PaymentState } from './payment.ts';
export { createPolicies } from './policies.ts';
export type { Policies } from './policies.ts';
export { askRefund, controlRefund, decideRefund, previewRefund } from './refund-commands.ts';
export { askSecondPerson, decideOnDoubt, findDecidable } from './second-person.ts';
export type { AskedOfSecond } from './second-person.ts';
export type { RefundAsk, RefundPreview, SharedBack } from './refund-commands.ts';
export type { PartBack, Refund, RefundState } from './refund.ts';
export { adoptLateMoney, decideSurplus, proposeSurplus } from './surplus-commands.ts';
export type { SurplusVerdict } from './surplus-decide.ts';
export type { Surplus, SurplusState } from './surplus.ts';
export { findOrdersBy, listOrders, listRefunds, listSurplus } from './list-store.ts';
export type { ListedRefund, ListedSurplus } from './list-store.ts';
export { paymentStates } from './payment.ts';
export { refundStates } from './refund.ts';
export { attemptVerdicts, decideAttemptVerdict, proposeAttemptVerdict } from './attempt-verdict.ts';
export type { AttemptVerdict } from './attempt-verdict.ts';
export { decideRefundVerdict, proposeRefundVerdict, refundVerdicts } from './refund-verdict.ts';
export type { RefundVerdict } from './refund-verdict.ts';
export type {
  Behaving,
  BehaviourWish,
  KnownBehaviour,
  MovedClock,
  PlayedPayer,
  SandboxAbout,
  SandboxDoors,
  SignUpWish,
  SimulatedContract,
} from './sandbox.ts';
export { surplusStates } from './surplus.ts';
export { isCallUnderway } from './verdict-store.ts';
export { stateTable } from './state-table.ts';
export { findOrderStories } from './story.ts';
export type { AskedOrder, OrderStory } from './story.ts';
export { attemptStateWords, orderWords, refundStateWords, surplusStateWords, surplusWhyWords } from './story.texts.ts';
export { found, put } from './work.ts';
export type { OrderEffect } from './work.ts';
