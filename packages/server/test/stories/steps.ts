import { readFileSync } from 'node:fs';
import {
  decidePlan,
  findPlansOfReport,
  importPayments,
  importPortList,
  importReceipts,
  judgeReport,
  pausePlan,
  proposeRepush,
  rebuildMerchant,
  resumePlan,
  runPlan,
  startTriage,
  stopPlan,
} from '../../src/customs/index.ts';
import { hours, minutes, plus, shanghaiText } from '../../src/kernel/index.ts';
import type { Instant, Result } from '../../src/kernel/index.ts';
import { beginsAt, merchant, paidAt, partner, people } from './people.ts';
import type { Stage } from './stage.ts';
import type { StoryProcess } from './process.ts';
import { numbersOf } from './story.ts';
import type { OrderNumbers, Step, Story, StoryOrder } from './story.ts';

/** What the people of a story know: the numbers of their lists and plans, and which rows they were told are taken. */
export type Memory = {
  readonly lists: (string | undefined)[];
  readonly plans: (string | undefined)[];
  /** `order/child/place` of every row that an import did not refuse. */
  readonly adopted: Set<string>;
  readonly refusals: string[];
};

export const emptyMemory = (): Memory => ({ lists: [], plans: [], adopted: new Set(), refusals: [] });

/** A step that a person takes; those of the player himself (time, faults, deaths) are not among them. */
export type Command = Extract<
  Step,
  {
    do:
      | 'adopt'
      | 'list'
      | 'receipts'
      | 'port_box'
      | 'triage'
      | 'judge'
      | 'propose'
      | 'decide'
      | 'run'
      | 'hold'
      | 'rebuild';
  }
>;

export type Acting = {
  readonly stage: Stage;
  readonly story: Story;
  readonly memory: Memory;
  readonly now: () => Instant;
};

/** Does what a person would have done, in the name of this process. What is refused is told to nobody: people try such things. */
export async function act(acting: Acting, process: StoryProcess, step: Command): Promise<void> {
  const { memory } = acting;
  switch (step.do) {
    case 'adopt':
      return adopt(acting, process, step);
    case 'list':
      return list(acting, process, step);
    case 'receipts':
      return receipts(acting, process, ceb412(acting, step.rows));
    case 'port_box': {
      acting.stage.channel.world.moveClock(acting.now());
      const { messages } = acting.stage.channel.world.port.receipts.messages(0, 1000);
      for (const { xml } of messages) await receipts(acting, process, Buffer.from(xml));
      return;
    }
    case 'rebuild':
      await rebuildMerchant(process.parts, people.wang, merchant, { write: true });
      return;
    case 'triage':
    case 'judge':
    case 'propose':
      return aboutList(acting, process, step);
    case 'decide':
    case 'hold':
    case 'run': {
      const plan = await planOf(acting, process, step.plan);
      if (plan === undefined) return;
      if (step.do === 'run') return note(memory, await runPlan(process.parts, people[step.by], plan.id));
      if (step.do === 'hold')
        return note(memory, await holds[step.how](process.parts, people.wang, plan.id, 'because'));
      const digest = step.digest === 'seen' ? plan.digest : step.digest === 'stale' ? '0'.repeat(64) : undefined;
      const person = people[step.by];
      return note(memory, await decidePlan(process.parts, person, plan.id, step.verdict, 'because', digest));
    }
  }
}

const holds = { pause: pausePlan, resume: resumePlan, stop: stopPlan } as const;

function note(memory: Memory, result: Result<unknown>): void {
  if (!result.ok) memory.refusals.push(result.refusal.code);
}

async function aboutList(
  { memory }: Acting,
  process: StoryProcess,
  step: Extract<Command, { do: 'triage' | 'judge' | 'propose' }>,
): Promise<void> {
  const report = memory.lists[step.list];
  if (report === undefined) return;
  if (step.do === 'triage') return note(memory, await startTriage(process.parts, people.wang, report));
  if (step.do === 'judge') return note(memory, await judgeReport(process.parts, report));
  const groups = step.groups && { groups: { canary: step.groups[0], control: step.groups[1] } };
  const options = { reason: 'story', ...groups };
  const proposed = await proposeRepush(process.parts, people.wang, { reportId: report }, options);
  note(memory, proposed);
  if (proposed.ok) memory.plans.push(proposed.value.plan.id);
}

/** Who did not hear the number of a plan before the process died looks for it. */
async function planOf(
  { memory }: Acting,
  process: StoryProcess,
  index: number,
): Promise<{ id: string; digest: string } | undefined> {
  for (const report of memory.lists) {
    if (report === undefined) continue;
    for (const { id } of await findPlansOfReport(process.parts.db, report))
      if (!memory.plans.includes(id)) memory.plans.push(id);
  }
  const id = memory.plans[index];
  if (id === undefined) return undefined;
  const [row] = await process.parts.db.query<{ digest: string }>('select digest from plans where id = $1', [id]);
  return row && { id, digest: row.digest };
}

type Known = { readonly order: StoryOrder; readonly numbers: OrderNumbers };

function known({ story }: Acting, indexes: readonly number[]): Known[] {
  return indexes.flatMap((index) => {
    const order = story.orders[index];
    return order ? [{ order, numbers: numbersOf(order, index) }] : [];
  });
}

const head =
  'order_no,request_no,place,customs_code,customs_name,declared_amount,is_split,child_order_no,trade_no,waybill_no,paid_at,earlier_push_at,earlier_push_answer';

export const amountOf = ({ child }: StoryOrder): string => (child === undefined ? '420.00' : '140.00');
export const adoptedKey = ({ orderNo, childOrderNo }: OrderNumbers, { place }: StoryOrder): string =>
  `${orderNo}/${childOrderNo}/${place}`;

async function adopt(acting: Acting, process: StoryProcess, step: Extract<Command, { do: 'adopt' }>): Promise<void> {
  const rows = known(acting, step.orders);
  if (rows.length === 0) return;
  const lines = rows.map(({ order, numbers }) =>
    [
      numbers.orderNo,
      order.nameless && !step.numbers ? '' : numbers.requestNo,
      order.place,
      '3301TEST01',
      '测试公司',
      step.otherAmount ? '99.00' : amountOf(order),
      order.child === undefined ? 'F' : 'T',
      numbers.childOrderNo,
      numbers.tradeNo,
      numbers.waybillNo,
      shanghaiText(paidAt),
      order.pushedBefore === undefined ? '' : shanghaiText(earlierPush(order.pushedBefore)),
      order.pushedBefore === undefined ? '' : 'SUCCESS',
    ].join(','),
  );
  const bytes = Buffer.from([head, ...lines].join('\n'));
  const file = { merchantId: merchant, accountId: acting.stage.accountId, fileName: 'p.csv', defaults: {}, bytes };
  const result = await importPayments(process.parts, people.wang, file);
  note(acting.memory, result);
  if (!result.ok) return;
  const bad = new Set([...result.value.refusals, ...result.value.problems].map(({ line }) => line));
  rows.forEach(({ order, numbers }, index) => {
    if (!bad.has(index + 2)) acting.memory.adopted.add(adoptedKey(numbers, order));
  });
}

export const earlierPush = (minutesBefore: number): Instant => plus(beginsAt, -minutes(minutesBefore));

async function list(acting: Acting, process: StoryProcess, step: Extract<Command, { do: 'list' }>): Promise<void> {
  const rows = known(acting, step.orders).map(({ order, numbers }) => {
    const released = step.released.some((index) => acting.story.orders[index] === order);
    return `${numbers.childOrderNo || numbers.orderNo},${released ? 1 : 0}`;
  });
  const own = [...new Set(rows)];
  if (own.length === 0) return;
  const bytes = Buffer.from(['order_no,exit_status', ...own].join('\n'));
  const meaning = step.statusOnly ? 'status_only' : 'missing';
  const file = { merchantId: merchant, fileName: 'list.csv', bytes, meaning } as const;
  const result = await importPortList(process.parts, people.wang, file);
  note(acting.memory, result);
  if (!result.ok) return;
  const { id } = result.value.report;
  if (!acting.memory.lists.includes(id)) acting.memory.lists.push(id);
}

async function receipts({ memory }: Acting, process: StoryProcess, bytes: Uint8Array): Promise<void> {
  note(memory, await importReceipts(process.parts, people.wang, merchant, 'r.xml', bytes));
}

const sample = readFileSync(new URL('../fixtures/ceb/sample-ceb412.xml', import.meta.url), 'utf8');

/** A message as customs writes it, about the payment numbers that the channel pushed. */
function ceb412(acting: Acting, rows: readonly (readonly [number, string, number])[]): Uint8Array {
  const [whole = ''] = /<PaymentReturn>[\s\S]*?<\/PaymentReturn>/.exec(sample) ?? [];
  const told = rows.flatMap(([index, code, minutesAgo]) => {
    const [one] = known(acting, [index]);
    if (!one) return [];
    const pushed = acting.stage.channel.world.alipay.find(partner, one.numbers.requestNo)?.pushedNo;
    const time = new Date(plus(acting.now(), hours(8) - minutes(minutesAgo))).toISOString().replace(/\D/g, '');
    return whole
      .replace(/<payTransactionId>[^<]*/, `<payTransactionId>${pushed ?? one.numbers.tradeNo}`)
      .replace(/<returnStatus>[^<]*/, `<returnStatus>${code}`)
      .replace(/<returnTime>[^<]*/, `<returnTime>${time.slice(0, 17)}`)
      .replace(/<returnInfo>[^<]*/, '<returnInfo>');
  });
  return Buffer.from(sample.replace(/<PaymentReturn>[\s\S]*<\/PaymentReturn>/, told.join('')));
}
