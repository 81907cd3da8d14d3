export { allowed, everyMerchant, systemActor } from './actor.ts';
export type { Actor, Door } from './actor.ts';
export { LoginAttempts } from './attempts.ts';
export type { AuditDetail, AuditEntry, AuditRecord, AuditValue, Stamp } from './audit.ts';
export { isClaim, makeOwnLogin, registerClaims, takeClaim } from './claims.ts';
export {
  authenticate,
  changeRoles,
  createUser,
  disableUser,
  foundUsers,
  issueToken,
  listTokens,
  revokeToken,
} from './commands.ts';
export type {
  Consent,
  LoggedIn,
  LoginParts,
  NewUser,
  RoleChange,
  TokenParts,
  TokenWish,
  UserChange,
} from './commands.ts';
export { isPermission, isRole, permissionsOfRole, roles, rolesWith } from './roles.ts';
export type { Permission, Role } from './roles.ts';
export { findAuditOf, listAudit, writeAudit } from './store-audit.ts';
export type { AuditFilter } from './store-audit.ts';
export { listUsers } from './store.ts';
export type { UserRecord } from './store.ts';
export type { Token, TokenKind } from './token.ts';
export type { TokenDigest, Visit } from './tokens.ts';
