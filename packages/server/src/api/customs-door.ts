// What this door reads of customs beyond its front door's commands.
export { listReportsOf, readVerdicts } from '../customs/http.ts';
export { openExchange, stateWords } from '../customs/story.ts';
