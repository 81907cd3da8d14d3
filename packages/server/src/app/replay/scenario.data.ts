/** What the simulators do to a declaration, and the row of the triage table that this implies. The table is in this folder's README. */
export const faultKinds = [
  'lost_before_port',
  'sending',
  'waiting',
  'forgotten',
  'hop_failed',
  'person_differs',
  'over_limit',
  'exists_already',
  'eport_only',
  'customs_has_it',
  'other_place',
  'other_number',
  'no_request_no',
] as const;
export type FaultKind = (typeof faultKinds)[number];

type FaultRule = {
  readonly row: string;
  /** Of 1,000 incident declarations. What is left over is lost before the port, as on the day. */
  readonly perMille: number;
  /** The simulator's fault and its parameters; absent: nothing is wrong at the channel, only in what we or the port hold. */
  readonly fault?: { readonly fault: string; readonly params?: Readonly<Record<string, unknown>> };
};

export const faultRules: Readonly<Record<FaultKind, FaultRule>> = {
  lost_before_port: { row: '14', perMille: 0, fault: { fault: 'swallow_declaration' } },
  sending: { row: '12', perMille: 30, fault: { fault: 'stuck_sending' } },
  waiting: { row: '12w', perMille: 10, fault: { fault: 'stuck_ws' } },
  forgotten: { row: '4', perMille: 15, fault: { fault: 'forget_declaration' } },
  hop_failed: { row: '11', perMille: 15, fault: { fault: 'receipt', params: { code: '4', text: '发送海关失败' } } },
  person_differs: {
    row: '8',
    perMille: 10,
    fault: { fault: 'receipt', params: { code: '100', text: '[Code:1327;Desc:订购人与支付人信息不一致]' } },
  },
  over_limit: {
    row: '9',
    perMille: 10,
    fault: { fault: 'receipt', params: { code: '100', text: '[Code:1313;Desc:订购人购买超过年度限额]' } },
  },
  exists_already: {
    row: '10',
    perMille: 10,
    fault: { fault: 'receipt', params: { code: '-401007', text: '已存在相同编号的支付单', present: false } },
  },
  eport_only: { row: '15', perMille: 15, fault: { fault: 'port_loses_record' } },
  customs_has_it: {
    row: '16',
    perMille: 10,
    fault: { fault: 'receipt', params: { code: '120', text: '[Code:1800;Desc:逻辑校验通过]', present: false } },
  },
  other_place: {
    row: '5',
    perMille: 10,
    fault: { fault: 'other_place', params: { place: 'NINGBO', customs_code: '3105TEST09' } },
  },
  other_number: { row: '7', perMille: 10, fault: { fault: 'swallow_declaration' } },
  no_request_no: { row: '0', perMille: 10, fault: { fault: 'swallow_declaration' } },
};

/** The shop of the day and its people, in invented names. */
export const dayNames = {
  shopZh: '流水示例商城',
  shopEn: 'Liushui demo shop',
  customsName: '杭州流水电子商务有限公司',
  payer: '测试甲',
  maker: '王',
  checker: '赵',
} as const;
