import { answerLines } from './answering.ts';
import { createLoad } from './load.ts';
import type { Question } from './load.ts';

const load = createLoad();
await answerLines({ ready: true }, (question) => load(question as Question));
