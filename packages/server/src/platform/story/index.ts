/** What every story of a number is told with, whatever its domain. */
export { auditEntry, caseEntries, exchangeEntry, inOrder, markOf, masked } from './lines.ts';
export type { AuditLine, CaseLine, Evidence, ExchangeMark, Ordered, Reach, TimelineEntry } from './lines.ts';
export { maskBytes, maskText } from './mask.ts';
export { caseStep, goesAt, jobStep } from './next.ts';
export type { NextStep, Possible } from './next.ts';
export { findExchangesOf, findJobsOf } from './store.ts';
export type { DueJob, ExchangeLine } from './store.ts';
export { both, dueWords, fromChannel, lapseWords, toChannel, trustWords } from './words.texts.ts';
export type { StoryTrust, Words } from './words.texts.ts';
