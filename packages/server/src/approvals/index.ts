export { commitUnlessRefused, tryOut } from './all-or-nothing.ts';
export type { Approval, ApprovalState } from './approval.ts';
export type { Json } from './canonical.ts';
export { askApproval, decideApproval, findApproval, lapseApprovals, listApprovals, useApproval } from './commands.ts';
export type { Ask, Decide, Use } from './commands.ts';
export type { ApprovalFilter } from './store.ts';
