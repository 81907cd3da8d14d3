/** Labels of the report, Chinese and English side by side: it is handed to people of both languages. */
export const reportTexts = {
  title: '2015-10-28 重放 · the day played again',
  intro:
    '33,593 笔已付款的报关停在口岸，因为支付单没有到；重推接口对每次调用都答 SUCCESS，无论它是否发送。本页是同一天由流水处理的经过；渠道和口岸是模拟器，钱不是真的。 · Declarations that had been paid stood at the port because their payment record never arrived, and the re-push interface answered SUCCESS whether or not it sent anything. This page tells the same day as Liushui handles it; channel and port are simulators, no money is real.',
  alert: '发现 · Seen',
  seen: (onset: string, seen: string, minutes: string): string =>
    `${onset} 开始，${seen} 由规则自行发现，第一笔之后 ${minutes} 分钟 · began ${onset}, seen by the rules ${seen}, ${minutes} minutes after the first order`,
  seenFigures: (known: string, all: string, share: string, usual: string, rules: string): string =>
    `当时 ${known} 笔受影响（最后 ${all}）；超时 ${share}，平时 ${usual}；规则 ${rules} · ${known} orders by then (${all} in the end); overdue ${share}, usually ${usual}; rules ${rules}`,
  notSeen: '规则没有发现 · the rules did not see it',
  correct: (share: string, of: string): string =>
    `${of} 笔，与模拟器所作之事相符 ${share} · ${of} orders, ${share} as the simulator had made them`,
  triage: '分诊 · Triage',
  repush: '重推 · Re-push',
  packs: '证据包 · Evidence packs',
  figures: '数字 · Figures',
  waves: '按受理小时 · By hour of acceptance',
  declared: '报关 · declared',
  recovered: '重推后有回执 · a receipt after the re-push',
  missing: '仍无回执 · still without',
  others: '有回执或已交他人处理 · received, or for somebody else to mend',
  cells: '每小时各自判断：先推的与留存的相比 · Each hour is judged by itself: pushed first against held back',
  cellHeads: [
    '小时 · hour',
    '先推见回执 · pushed: receipts',
    '留存见回执 · held back: receipts',
    '效果（95% 区间） · effect (95% range)',
    '结论 · reading',
    '已推 · sent',
    '见效 · effective',
  ],
  readings: {
    done: '有效，已推完 · it works, all pushed',
    ramp: '有效，推送中 · it works, ramping',
    stopped: '未显效，已停 · not shown, stopped',
    canary: '观察中 · watching',
    waiting: '未开始 · not begun',
  } as Readonly<Record<string, string>>,
  packHeads: ['编号 · number', '收件方 · receiver', '笔数 · members', '完整 · complete'],
  causeHeads: ['原因 · cause', '笔数 · orders'],
  yes: '是 · yes',
  no: '否 · no',
} as const;
