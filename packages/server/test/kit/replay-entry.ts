// Runs one replay in a process of its own, so that a test can kill it. Arguments: folder, orders, seed, signing, `resume` or `new`, `day` or `people`.
import { runReplay } from '../../src/app/replay/replay.ts';
import type { SigningReading } from '../../src/app/replay/world.ts';
import { readConfigOfProcess } from '../../src/platform/config.ts';

const [folder = '', orders = '', seed = '', signing = 'A', how = 'new', begin = 'people'] = process.argv.slice(2);
const config = readConfigOfProcess();
if (!config.ok) throw new Error(config.refusal.code);
const result = await runReplay({
  orders: Number(orders),
  seed: Number(seed),
  signing: signing as SigningReading,
  skipDay: begin !== 'day',
  dataFolder: folder,
  resume: how === 'resume',
  config: config.value,
  onProgress: (progress) => process.stderr.write(`${JSON.stringify(progress)}\n`),
});
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exitCode = result.ok ? 0 : 1;
