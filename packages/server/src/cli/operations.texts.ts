import type { Words } from './answer.ts';
import { count } from './layout.ts';

export const operationsTexts = {
  jobs: { zh: '任务', en: 'jobs: what is going to happen' },
  dueAbout: { zh: '到期和将到期的任务', en: 'what is due, and what falls due soon' },
  withinOption: {
    zh: '包括多久以内到期的，如 1h（默认 30m）',
    en: 'what falls due within this time too, such as 1h (default 30m)',
  },
  laneHeads: {
    zh: ['通道', '每秒', '每次', '到期', '等待', '状态'],
    en: ['lane', 'a second', 'a call', 'due', 'waiting', 'state'],
  },
  laneOpen: { zh: '正常', en: 'open' },
  laneSlowed: (pace: string): Words => ({
    zh: `渠道说太频繁，已放慢到每秒 ${pace} 次`,
    en: `slowed to ${pace} a second: the channel says too often`,
  }),
  lanePaused: (since: string, why: string): Words => ({
    zh: `${since} 起暂停${why ? `：${why}` : ''}`,
    en: `paused since ${since}${why ? `: ${why}` : ''}`,
  }),
  laneClosed: (until: string, failures: number): Words => ({
    zh: `连续失败 ${count(failures)} 次，${until} 再试`,
    en: `${count(failures)} failures in a row, tried again ${until}`,
  }),
  jobHeads: {
    zh: ['到期 (GMT+8)', '笔数', '任务', '通道', '优先级', '最近的错误'],
    en: ['due (GMT+8)', 'n', 'job', 'lane', 'priority', 'last error'],
  },
  noJobs: { zh: '这段时间内没有任务到期。', en: 'Nothing falls due within this time.' },
  more: (n: number): Words => ({ zh: `只显示前 ${count(n)} 组`, en: `the first ${count(n)} lines are shown` }),
  lanes: { zh: '通道（渠道账户 × 操作）', en: 'lanes: channel account × operation' },
  lanesListAbout: { zh: '列出通道、速率、积压', en: 'list lanes with pace and backlog' },
  pauseAbout: { zh: '暂停通道；任务保留，不发送', en: 'pause a lane: its jobs are kept and nothing is sent' },
  resumeAbout: { zh: '恢复通道', en: 'resume a lane' },
  reasonOption: { zh: '原因', en: 'reason' },
  paused: (lane: string): Words => ({ zh: `${lane} 已暂停，任务保留。`, en: `${lane} is paused; its jobs are kept.` }),
  resumed: (lane: string): Words => ({ zh: `${lane} 已恢复。`, en: `${lane} is open again.` }),
  cases: { zh: '差错单', en: 'cases: what a person must look at' },
  casesListAbout: { zh: '列出差错单（默认未关闭）', en: 'list cases; open ones by default' },
  allOption: { zh: '包括已关闭的', en: 'closed ones too' },
  closeAbout: { zh: '关闭差错单，须写原因', en: 'close a case, with a reason' },
  caseHeads: {
    zh: ['编号', '最迟 (GMT+8)', '事项', '对象', '负责人'],
    en: ['case', 'due (GMT+8)', 'kind', 'about', 'owner'],
  },
  noCases: { zh: '没有未关闭的差错单。', en: 'No open case.' },
  caseClosed: (id: string): Words => ({ zh: `${id} 已关闭。`, en: `${id} is closed.` }),
  auditAbout: { zh: '谁在何时做了什么', en: 'who did what, and when' },
  subjectOption: { zh: '只看这个编号', en: 'about this number only' },
  actorOption: { zh: '只看这个人', en: 'by this person only' },
  limitOption: { zh: '最多多少条（默认 50）', en: 'how many at most (default 50)' },
  auditHeads: {
    zh: ['时间 (GMT+8)', '人', '入口', '事项', '对象', '原因'],
    en: ['at (GMT+8)', 'who', 'door', 'act', 'about', 'reason'],
  },
  noAudit: { zh: '没有记录。', en: 'No entry.' },
  sandbox: { zh: '模拟环境', en: 'the sandbox' },
  clockAbout: { zh: '查看或拨动模拟时钟（只能向前）', en: 'show or move the sandbox clock (forward only)' },
  forwardOption: { zh: '前进多久，如 30m', en: 'how far forward, such as 30m' },
  setOption: { zh: '拨到，如 "2015-10-28 18:00"', en: 'to this moment, such as "2015-10-28 18:00"' },
  runOption: { zh: '从此随真实时间走', en: 'from now on it runs with real time' },
  stopOption: { zh: '从此停住', en: 'from now on it stands' },
  clock: (at: string, running: boolean): Words => ({
    zh: `模拟时钟 ${at} (GMT+8)，${running ? '随真实时间走' : '停住'}`,
    en: `sandbox clock ${at} (GMT+8), ${running ? 'runs with real time' : 'stands'}`,
  }),
} as const;
