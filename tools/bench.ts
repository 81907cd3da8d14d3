import { answerBench } from '../packages/server/bench/main.ts';

const began = performance.now();
const seconds = (): string => String(Math.round((performance.now() - began) / 1000)).padStart(4);
const { out, code } = await answerBench(process.argv.slice(3), (line) => console.error(`${seconds()} s  ${line}`));
process.stdout.write(out);
process.exitCode = code;
