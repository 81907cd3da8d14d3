import type { Words } from './answer.ts';
import { count } from './layout.ts';

const tenths = new Intl.NumberFormat('en-US', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
const percent = (hits: number, of: number): string => (of === 0 ? '-' : tenths.format(hits / of));

export const incidentTexts = {
  incidents: { zh: '故障：哪一组的回执缺失', en: 'incidents: groups whose receipts do not come' },
  listAbout: { zh: '列出未关闭的故障（默认）', en: 'list incidents that are not closed (default)' },
  showAbout: { zh: '查看一个故障：已知什么、谁说的、什么不同', en: 'show what is known of one, and who said it' },
  membersAbout: { zh: '导出没有回执的报关', en: 'write the declarations without an answer to a file' },
  takeAbout: { zh: '由我负责', en: 'say that you look after it' },
  closeAbout: {
    zh: '由人关闭；仍有未到海关的，须另一人复核',
    en: 'close by hand; with declarations not at customs a second person must agree',
  },
  allOption: { zh: '也列出已关闭的', en: 'closed ones too' },
  outOption: { zh: '写入的 CSV 文件', en: 'the CSV file to write' },
  reasonOption: { zh: '原因（必填），记入审计', en: 'the reason, kept in the audit trail' },
  heads: {
    zh: ['故障', '渠道', '账户', '口岸', '状态', '起于', '发现', '笔数', '规则', '负责人'],
    en: ['incident', 'channel', 'account', 'place', 'state', 'onset', 'seen', 'orders', 'rules', 'owner'],
  },
  none: { zh: '没有未关闭的故障。', en: 'No open incident.' },
  states: {
    open: { zh: '持续中', en: 'open' },
    closing: { zh: '已恢复，待补齐', en: 'quiet, not yet cured' },
    closed: { zh: '已关闭', en: 'closed' },
  },
  wholeAccount: { zh: '整个账户', en: 'whole account' },
  head: (id: string, channel: string, place: Words, account: string, state: Words): Words => ({
    zh: `${id}  ${channel} × ${place.zh}，账户 ${account}  ${state.zh}`,
    en: `${id}  ${channel} x ${place.en}, account ${account}  ${state.en}`,
  }),
  onset: (at: string, within: number, seen: string, owner: string): Words => ({
    zh: `起于 ${at}（±${within} 分钟），${seen} 发现。负责人：${owner || '无'}`,
    en: `onset ${at} (+-${within} min), seen ${seen}. Owner: ${owner || 'nobody'}`,
  }),
  size: (members: number, money: string): Words => ({
    zh: `${count(members)} 笔没有口岸或海关的回执，${money}`,
    en: `${count(members)} orders without an answer of port or customs, ${money}`,
  }),
  rules: {
    D1: (figure: number, of: number): Words => ({
      zh: `我方：10 分钟仍无回执 ${count(figure)} / ${count(of)}（${percent(figure, of)}）`,
      en: `we: ${count(figure)} of ${count(of)} without a receipt after 10 minutes (${percent(figure, of)})`,
    }),
    D2: (figure: number): Words => ({
      zh: `口岸或海关：10 分钟内报告 ${count(figure)} 笔缺支付单`,
      en: `port or customs: ${count(figure)} payment records reported missing within 10 minutes`,
    }),
    D3: (figure: number, of: number, word: string): Words => ({
      zh: `海关：退单 ${word}，${count(figure)} / ${count(of)}`,
      en: `customs: refused with ${word}, ${count(figure)} of ${count(of)}`,
    }),
    D4: (): Words => ({ zh: '我方：10 分钟内一笔回执也没有', en: 'we: not one receipt within 10 minutes' }),
    D5: (figure: number, of: number, word: string): Words => ({
      zh: `我方：${word} 调用 ${count(figure)} / ${count(of)} 没有应答；该账户的推送计划已暂停`,
      en: `we: ${count(figure)} of ${count(of)} calls of ${word} without an answer; this account's plans are paused`,
    }),
    D6: (figure: number, of: number): Words => ({
      zh: `我方积压：${count(figure)} 笔逾时未报，最久 ${count(of)} 秒`,
      en: `our own backlog: ${count(figure)} late, the oldest ${count(of)} s`,
    }),
  },
  usual: (usual: number, hits: number, of: number): Words => ({
    zh: `此时段平常 ${tenths.format(usual)}，现在 ${percent(hits, of)}（${count(of)} 笔）`,
    en: `usual at this time of the day ${tenths.format(usual)}, now ${percent(hits, of)} of ${count(of)}`,
  }),
  quiet: (cells: string): Words => ({ zh: `正常的邻组：${cells}`, en: `Quiet: ${cells}` }),
  blames: {
    channel: {
      zh: '该渠道在所有口岸都缺：问题在渠道',
      en: 'the channel is silent at every place: look at the channel',
    },
    port: {
      zh: '该口岸对所有渠道都缺：问题在口岸',
      en: 'the place is silent for every channel: look at the port',
    },
    cell: {
      zh: '只有这一组：渠道到该口岸的链路、备案或路由',
      en: "this cell alone: the channel's link to this port, registration or routing",
    },
    us: { zh: '全部都缺：先查我方', en: 'everything is silent: look at ourselves first' },
    alone: {
      zh: '没有可比的组：无法判断是渠道还是口岸',
      en: 'nothing to compare with: channel or port, nobody can say',
    },
  },
  matrixHeads: { zh: ['渠道', '口岸', '无回执', '共', ''], en: ['channel', 'place', 'silent', 'of', ''] },
  red: { zh: '异常', en: 'ALERT' },
  ok: { zh: '正常', en: 'ok' },
  separatesHeads: { zh: ['什么不同', '倍数', '集中在'], en: ['what separates', 'lift', 'stuck at'] },
  nothingSeparates: {
    zh: '没有一项能区分缺的与有的（时段、拆单、承运；应用版本不在我方数据里）。',
    en: 'Nothing separates the silent from the answered (hour, split, carrier; the app version is not in our data).',
  },
  dimensions: {
    hour: { zh: '时间', en: 'hour' },
    hour_of_day: { zh: '每日时段', en: 'hour of day' },
    date: { zh: '日期', en: 'date' },
    account: { zh: '账户', en: 'account' },
    place: { zh: '口岸', en: 'place' },
    split: { zh: '拆单', en: 'split' },
    carrier: { zh: '承运', en: 'carrier' },
  },
  past: (ids: string): Words => ({ zh: `同一组以前的故障：${ids}`, en: `Earlier incidents of this cell: ${ids}` }),
  noPast: { zh: '同一组以前没有故障。', en: 'No earlier incident of this cell.' },
  closes: (atCustoms: number, affected: number): Words => ({
    zh: `正常 30 分钟且 99.5% 到达海关时自动关闭，现在 ${percent(atCustoms, affected)}（${count(atCustoms)} / ${count(affected)}）；其余逐笔列出。`,
    en: `Closes after 30 quiet minutes with 99.5% at customs, now ${percent(atCustoms, affected)} (${count(atCustoms)} of ${count(affected)}); the rest is listed by name.`,
  }),
  closed: (at: string, by: string, reason: string, rest: number): Words => ({
    zh: `${at} 关闭（${by || '自动'}）：${reason}。未到海关 ${count(rest)} 笔。`,
    en: `closed ${at} (${by || 'by itself'}): ${reason}. ${count(rest)} not at customs.`,
  }),
  written: (n: number, file: string): Words => ({
    zh: `已写入 ${count(n)} 笔：${file}`,
    en: `${count(n)} orders written to ${file}`,
  }),
  taken: (id: string, owner: string): Words => ({
    zh: `故障 ${id} 由 ${owner} 负责。`,
    en: `Incident ${id} is ${owner}'s.`,
  }),
  closedNow: (id: string): Words => ({ zh: `故障 ${id} 已关闭。`, en: `Incident ${id} is closed.` }),
  closeAsked: (id: string, open: number, approval: string): Words => ({
    zh: `故障 ${id} 尚有 ${count(open)} 笔未到海关，没有关闭；已请另一人复核（${approval}）。`,
    en: `${count(open)} of incident ${id} are not at customs: it stays open until a second person agrees (${approval}).`,
  }),
  closeRefused: (approval: string): Words => ({
    zh: `复核 ${approval} 未通过，故障没有关闭。`,
    en: `${approval} was refused; the incident stays open.`,
  }),
} as const;
