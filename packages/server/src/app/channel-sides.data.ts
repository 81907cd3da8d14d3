/** What a shop's developer may make a channel do, in words of ours, whatever the channel's simulator calls it. */
export const behaviourWords = {
  book_then_hang: { zh: '渠道办了，但不答复', en: 'the channel does it and never answers' },
  hang_before_booking: { zh: '渠道没办，也不答复', en: 'the channel does nothing and never answers' },
  drop_connection: { zh: '渠道办了，答复前断开连接', en: 'the channel does it and drops the connection' },
  system_error_done: { zh: '渠道办了，却答“系统错误”', en: 'the channel does it and answers "system error"' },
  system_error_not_done: { zh: '渠道没办，答“系统错误”', en: 'the channel does nothing and answers "system error"' },
  refuse: { zh: '渠道明确拒绝', en: 'the channel refuses' },
  unknown_code: { zh: '渠道答一个文档里没有的代码', en: 'the channel answers a code that no document has' },
  too_often: { zh: '渠道说太频繁，没办', en: 'the channel says "too often" and does nothing' },
  bad_signature: { zh: '答复的签名不对', en: 'the answer has a wrong signature' },
  html_instead: { zh: '答复是一个网页', en: 'the answer is a web page' },
  truncated: { zh: '答复只有一半', en: 'half of the answer comes' },
  notify_twice: { zh: '同一条通知发两次', en: 'the same notice comes twice' },
  never_notify: { zh: '不发通知，直到解除', en: 'no notice comes, until this is lifted' },
  notify_late: { zh: '通知晚一小时', en: 'the notice comes an hour late' },
  notify_before_answer: { zh: '通知先于答复', en: 'the notice comes before the answer to the call' },
  notify_forged: { zh: '另有一条伪造的通知', en: 'a forged notice comes besides the true one' },
  notify_wrong_amount: { zh: '通知里的金额不对', en: 'the notice names another amount' },
  close_loses: { zh: '关闭前一刻买家付了款', en: 'the payer pays a moment before the close' },
  paid_twice: { zh: '同一号码付成两笔', en: 'two trades are paid under one number' },
  refund_to_bank_fails: { zh: '退款退不到原卡', en: 'a refund cannot reach the card' },
  refund_stuck: { zh: '退款一直在处理', en: 'a refund stays under way' },
} as const satisfies Readonly<Record<string, { readonly zh: string; readonly en: string }>>;

export type BehaviourName = keyof typeof behaviourWords;

/** Of what kind a call is, for those behaviours that may be bound to one. */
export const callKinds = ['pay', 'refund', 'close', 'query'] as const;
export type CallKind = (typeof callKinds)[number];

/** A fault in the words of the channel's simulator. `ofCalls`: it belongs to calls, and a rule names the one it is for. */
export type SideFault = {
  readonly fault: string;
  readonly ofCalls?: true;
  /** In force until it is lifted, unless a number of times is named. */
  readonly lasts?: true;
};

/** How the simulator of a channel is spoken to (packages/simulator, README of each). */
export type ChannelSide = {
  /** The account's setting that says where it stands: the first that is filled. */
  readonly address: readonly string[];
  /** How a rule names one account of ours: the rule's word, and the setting that holds it. */
  readonly account: readonly [word: string, setting: string];
  /** How a rule names one call. */
  readonly callWord: string;
  readonly calls: Readonly<Record<CallKind, readonly string[]>>;
  readonly payDoor: string;
  readonly settleDoor: string;
  /** Where a wallet opens the text that an app was given; absent where paying needs no such step. */
  readonly walletDoor?: string;
  readonly faults: Readonly<Partial<Record<BehaviourName, SideFault>>>;
};

const ofCall = (fault: string): SideFault => ({ fault, ofCalls: true });

const usual = {
  ...{ book_then_hang: ofCall('book_then_hang'), hang_before_booking: ofCall('hang_before_booking') },
  drop_connection: ofCall('drop_connection_after_booking'),
  ...{ system_error_done: ofCall('system_error_booked'), system_error_not_done: ofCall('system_error_not_booked') },
  ...{ refuse: ofCall('business_error'), unknown_code: ofCall('unknown_code') },
  ...{ bad_signature: ofCall('bad_signature'), html_instead: ofCall('html_instead'), truncated: ofCall('truncated') },
  notify_twice: { fault: 'notify_twice' },
  never_notify: { fault: 'never_notify', lasts: true },
  notify_late: { fault: 'notify_late' },
  notify_before_answer: { fault: 'notify_before_answer' },
  notify_forged: { fault: 'notify_forged' },
  notify_wrong_amount: { fault: 'notify_wrong_amount' },
  close_loses: { fault: 'close_loses' },
} as const;

/** By the channel's id. A channel that is not here is played by nobody. */
export const channelSides: Readonly<Record<string, ChannelSide>> = {
  alipay: {
    address: ['openapi_gateway_url'],
    account: ['app_id', 'app_id'],
    callWord: 'method',
    calls: {
      pay: ['precreate', 'create', 'pay'],
      refund: ['refund'],
      close: ['close', 'cancel'],
      query: ['query', 'fastpay.refund.query'],
    },
    payDoor: '/control/openapi/pay',
    settleDoor: '/control/openapi/settle',
    walletDoor: '/app',
    faults: { ...usual, too_often: ofCall('isp_limited'), paid_twice: { fault: 'second_trade_no' } },
  },
  wechat: {
    address: ['gateway_url'],
    account: ['mchid', 'mchid'],
    callWord: 'api',
    calls: {
      pay: ['native', 'jsapi', 'h5', 'app', 'codepay'],
      refund: ['refund'],
      close: ['close', 'reverse'],
      query: ['query', 'refund_query'],
    },
    payDoor: '/control/pay',
    settleDoor: '/control/settle',
    faults: {
      ...usual,
      too_often: ofCall('frequency_limited_not_booked'),
      refund_to_bank_fails: { fault: 'refund_abnormal' },
      refund_stuck: { fault: 'refund_stuck' },
    },
  },
};
