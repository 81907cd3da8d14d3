export { makeShare, returnShare } from './commands.ts';
export type { ReturnAsk, ShareAsk } from './commands.ts';
export { sharingWorks } from './jobs.ts';
export type { SharingParts } from './parts.ts';
export { addReceiver, decideReceiver, removeReceiver, showReceivers } from './receiver-commands.ts';
export type { Receiver } from './receiver.ts';
export { askSharedRefund, previewSharedRefund } from './refunds.ts';
export type { SharedRefundAsk } from './refunds.ts';
export type { Share, SharePart, ShareReturn } from './share.ts';
export { leftOf } from './shared-order.ts';
export type { SharedOrder } from './shared-order.ts';
export { findSharedBy, loadShared } from './store.ts';
export { findSharingStories } from './story.ts';
export type { SharingStory } from './story.ts';
export {
  decideShareVerdict,
  proposeReturnVerdict,
  proposeShareVerdict,
  returnVerdicts,
  shareVerdicts,
} from './verdict.ts';
export type { ReturnVerdict, ShareVerdict } from './verdict.ts';
