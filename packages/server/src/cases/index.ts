export { closeCase, closeCasesOf, openCases } from './commands.ts';
export type { CaseToOpen, OpenedCase } from './commands.ts';
export { caseKinds } from './kinds.data.ts';
export type { CaseKind, CaseKindName } from './kinds.data.ts';
export { caseWords } from './kinds.ts';
export { findCasesOf, listCases, readCase as findCase } from './store.ts';
export type { Case, CaseFilter, CaseParams, CaseSubject } from './store.ts';
