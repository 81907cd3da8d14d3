import type { Words } from './answer.ts';
import { count } from './layout.ts';

export const replayTexts = {
  about: {
    zh: '重放 2015-10-28 的海关事件（自带数据库、模拟渠道和时钟）',
    en: 'replay the customs incident of 2015-10-28 with a database, simulators and a clock of its own',
  },
  ordersOption: {
    zh: '事件中的报关笔数（默认 33593，即全部）',
    en: 'declarations of the incident (default 33593: all of them)',
  },
  seedOption: { zh: '随机种子（默认 1）', en: 'seed (default 1)' },
  dataOption: { zh: '保留数据的文件夹', en: 'folder that keeps the data' },
  resumeOption: { zh: '继续该文件夹里中断的重放', en: 'go on with the replay that was interrupted there' },
  signingOption: { zh: '查询答复的签名读法 A、B、C 或 none', en: 'how query answers are signed: A, B, C or none' },
  stages: {
    world: { zh: '数据库和模拟渠道', en: 'database and simulators' },
    seed: { zh: '模拟渠道的账簿', en: "the simulators' books" },
    day: { zh: '一天过去，报关陆续到来', en: 'the day passes, declarations come in' },
    alert: { zh: '事件中，抽样查询', en: 'the incident goes on, the group is sampled' },
    lists: { zh: '口岸清单', en: "the port's lists" },
    triage: { zh: '查询和分诊', en: 'asking and triage' },
    plan: { zh: '计划和复核', en: 'plan and approval' },
    push: { zh: '重推', en: 're-push' },
    look: { zh: '等待证据', en: 'waiting for evidence' },
    packs: { zh: '证据包', en: 'evidence packs' },
    compare: { zh: '与模拟渠道对账', en: "comparing with the simulators' books" },
  } as Readonly<Record<string, Words>>,
  stage: (at: string, words: Words): Words => ({ zh: `${at}  ${words.zh}`, en: `${at}  ${words.en}` }),
  skipDayOption: {
    zh: '从 28 日 16:20 人开始处理时讲起（不演示发现）',
    en: 'begin at 16:20 on the 28th, when people act (nothing is detected)',
  },
  reportOption: { zh: '另存为一个可在浏览器打开的网页', en: 'also write a page that a browser opens' },
  alert: (at: string, afterMinutes: number): Words => ({
    zh: `${at}  报警：开始后 ${count(Math.round(afterMinutes))} 分钟`,
    en: `${at}  ALERT after ${count(Math.round(afterMinutes))} min`,
  }),
  notSeen: { zh: '规则没有发现这次事件', en: 'the rules did not see the incident' },
  chartHead: {
    zh: '按受理小时：█ 仍无回执  ▓ 重推后有回执  ░ 其他',
    en: 'by hour of acceptance: █ still without a receipt  ▓ received after the re-push  ░ others',
  },
  cellsHead: {
    zh: '每小时各自判断：先推的与留存的相比',
    en: 'each hour is judged by itself: pushed first against held back',
  },
  packs: (packs: string): Words => ({ zh: `证据包 ${packs}`, en: `evidence packs ${packs}` }),
  complete: { zh: '完整', en: 'complete' },
  incomplete: { zh: '不完整', en: 'incomplete' },
  written: (path: string): Words => ({ zh: `网页已写到 ${path}`, en: `page written to ${path}` }),
  memory: (mib: string): Words => ({
    zh: `服务进程内存最多 ${mib} MiB`,
    en: `the server process held ${mib} MiB at most`,
  }),
  orders: (orders: number, real: number, affected: number): Words => ({
    zh: `报关 ${count(orders)} 笔（真实 ${count(real)}），受影响 ${count(affected)}`,
    en: `${count(orders)} declarations (${count(real)} real), ${count(affected)} affected`,
  }),
  triage: (causes: string, share: string): Words => ({
    zh: `分诊 ${causes}  正确率 ${share}`,
    en: `triage ${causes}  correct ${share}`,
  }),
  repush: (planned: number, sent: number, effective: number, ineffective: number, twice: number): Words => ({
    zh: `重推：计划 ${count(planned)}，发送 ${count(sent)}，见效 ${count(effective)}，未见效 ${count(ineffective)}，间隔内重复 ${count(twice)}`,
    en: `re-push: ${count(planned)} planned, ${count(sent)} sent, ${count(effective)} with an effect, ${count(ineffective)} with none shown, ${count(twice)} sent twice within the gap`,
  }),
  calls: (query: number, queryIdeal: number, declare: number, declareIdeal: number): Words => ({
    zh: `调用：查询 ${count(query)}（理想 ${count(queryIdeal)}），报关 ${count(declare)}（理想 ${count(declareIdeal)}）`,
    en: `calls: query ${count(query)}, ideal ${count(queryIdeal)}; declare ${count(declare)}, ideal ${count(declareIdeal)}`,
  }),
  end: (lost: number, cpu: string, wall: string): Words => ({
    zh: `丢失 ${count(lost)}  CPU ${cpu} 秒  用时 ${wall} 秒`,
    en: `lost ${count(lost)}  CPU ${cpu} s  wall ${wall} s`,
  }),
} as const;
