import { parseArgs } from 'node:util';
import { clockModes } from './clock.ts';
import { startSimulators } from './index.ts';

const usage =
  'usage: node main.ts --data DIR [--alipay-port N] [--port-port N] [--wechat-port N] [--clock running|stepped] [--at ISO-TIME] [--with-parent]\n';

function readArguments() {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      'alipay-port': { type: 'string', default: '0' },
      'port-port': { type: 'string', default: '0' },
      'wechat-port': { type: 'string', default: '0' },
      clock: { type: 'string', default: 'running' },
      at: { type: 'string' },
      'with-parent': { type: 'boolean', default: false },
    },
  });
  const clock = clockModes.find((mode) => mode === values.clock);
  const at = values.at === undefined ? undefined : Date.parse(values.at);
  if (!values.data || !clock || Number.isNaN(at)) throw new Error('an argument is missing or wrong');
  const options = {
    dataDir: values.data,
    alipayPort: Number(values['alipay-port']),
    portPort: Number(values['port-port']),
    wechatPort: Number(values['wechat-port']),
    clock,
    ...(at === undefined ? {} : { at }),
  };
  return { options, withParent: values['with-parent'] };
}

async function main(): Promise<void> {
  const { options, withParent } = readArguments();
  const simulators = await startSimulators(options);
  const stop = () => {
    simulators.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (withParent) process.stdin.resume().on('end', stop).on('close', stop);
  const { alipayUrl: alipay, portUrl: port, wechatUrl: wechat } = simulators;
  const ready = { ready: true, alipay, port, wechat, pid: process.pid };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

main().catch((error: unknown) => {
  // A door that listens already would keep the process: two of them would write the same books.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}`, () => process.exit(2));
});
