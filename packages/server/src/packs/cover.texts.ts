import type { Words } from './words.ts';

const both = (zh: string, en: string): Words => ({ zh, en });

export const coverTexts = {
  title: {
    channel: both(
      '支付单缺失：请渠道批量重推并说明',
      'Missing payment records: bulk re-push and explanation asked of the channel',
    ),
    port: both('支付单缺失：请口岸逐笔核对', 'Missing payment records: receipt by receipt check asked of the port'),
  },
  who: both('致 / 来自', 'To and from'),
  to: both('致', 'to'),
  from: both('来自', 'from'),
  pack: both('证据包', 'pack'),
  source: both('来源', 'made of'),
  group: both('渠道、账户、口岸', 'channel, account, place'),
  recordNos: both('商户备案号', 'record nos'),
  firstAt: both('首笔受影响（渠道受理）', 'first affected, by when the channel took it'),
  lastAt: both('末笔受影响（渠道受理）', 'last affected'),
  members: both('笔数', 'declarations'),
  money: both('报关金额合计', 'declared in all'),
  asOf: both('事实截至', 'facts up to'),
  madeAt: both('生成', 'made'),
  deadline: both('请于此前答复', 'answer wanted by'),
  incomplete: both('其中资料不全', 'of these with gaps'),
  causes: both('原因（按决策表分诊）', 'Causes, by the decision table'),
  causeHeads: [both('行', 'row'), both('笔数', 'declarations'), both('原因', 'cause')],
  chart: both('平时与现在', 'The usual and now'),
  chartLabel: both(
    '按渠道受理时间；深色斜纹：口岸和海关均无回执',
    'by when the channel took them; dark and hatched: neither port nor customs has answered',
  ),
  chartTable: both('图中数字：时间、受理、无回执', 'the figures: time, accepted, without an answer'),
  usual: both('此前 24 小时无回执', 'without an answer in the 24 hours before'),
  affected: both('受影响时段无回执', 'without an answer in the affected time'),
  tried: both('已经做过什么', 'What was tried'),
  nothingTried: both('我方尚未重推。', 'We have not pushed these again yet.'),
  triedHeads: [
    both('计划', 'plan'),
    both('组', 'cell'),
    both('见效 / 已推', 'with an effect / pushed'),
    both('其中试推组', 'of these the canary'),
    both('到达 / 留作对照', 'arrived / held back'),
    both('试推与对照之差（95 % 区间）', 'canary less held back (95 % interval)'),
  ],
  accepted: both(
    '渠道答复 SUCCESS 只表示受理，不证明送达；见效指推送之后口岸或海关有新的回执。',
    'SUCCESS of the channel means accepted, not delivered; an effect is an answer of port or customs from after the push.',
  ),
  asked: both('请您', 'What is asked of you'),
  asks: {
    channel: [
      both(
        '批量重推 orders.csv（或 orders.xlsx）所列全部报关。',
        'Push again, in bulk, every declaration that orders.csv (or orders.xlsx) lists.',
      ),
      both(
        '逐笔说明：是否发往电子口岸、何时、以哪个支付编号、得到什么回执。',
        'Say for each: whether it was sent to the e-port, when, under which payment number, and what receipt came back.',
      ),
      both(
        '说明缺失的原因、受影响的时段，以及同时段其他商户是否同样缺失。',
        'Explain the cause, the affected time, and whether other merchants miss theirs in the same time.',
      ),
    ],
    port: [
      both(
        '逐笔核对：是否收到该支付单，何时收到，现在是什么状态。',
        'Check each: whether this payment record arrived, when, and what its state is now.',
      ),
      both(
        '已收到而清单仍报缺失的，请告知按哪个编号匹配，是否需要重发清单。',
        'Where it arrived and the list still says missing: under which number it is looked for, and whether the list must be sent again.',
      ),
      both(
        '没有收到的，请注明“未收到”，我方据此要求渠道重推。',
        'Where it did not arrive, say so: we take it to the payment channel.',
      ),
    ],
  },
  howToAnswer: both(
    '请在 reply_result 一列填写结果、reply_text 一列填写说明，原样发回；用您自己的表格也可以，须有订单号和结果两列。可用的词：',
    'Write the result into reply_result and the rest into reply_text, and send the file back; a table of your own with order number and result will do. Words that we know:',
  ),
  files: both('文件', 'Files'),
  fileNotes: [
    both(
      'orders.xlsx 供人阅读：号码都是文本，不会被表格软件改写。orders.csv 供程序读取。',
      'orders.xlsx is for people: every number is a text, which no spreadsheet rewrites. orders.csv is for programs.',
    ),
    both(
      'raw/index.csv 列出每次与渠道往来的原始报文及其 sha256；原文可按摘要索取。',
      'raw/index.csv lists every exchange with the channel and the sha256 of its bytes; the bytes can be asked for by it.',
    ),
    both('manifest.json 含每个文件的 sha256。', 'manifest.json holds the sha256 of every file.'),
  ],
  masked: both(
    '个人信息已遮蔽：只留姓和证件、电话号码后 4 位。',
    'People are masked: family name and the last 4 of numbers.',
  ),
  unmasked: both('个人信息未遮蔽，经另一人批准', 'People are shown as they are, agreed to by a second person'),
} as const;
