import type { Words } from './answer.ts';

export const sandboxTexts = {
  behaveAbout: {
    zh: '让渠道对这个订单（或流水号；any 指全部）按某种方式表现',
    en: 'make the channel behave, for an order, a serial number, or any',
  },
  callOption: {
    zh: '只对这种调用：pay、refund、close、query',
    en: 'this kind of call only: pay, refund, close, query',
  },
  timesOption: { zh: '几次（缺省 1）', en: 'how often (usually once)' },
  liftOption: { zh: '解除之前要求的全部表现', en: 'end all that was asked for about it' },
  behaviours: { zh: '列出渠道可以有的表现', en: 'list what channels can be made to do' },
  payAbout: { zh: '扮演买家，为这个订单付款', en: 'play the payer of an order' },
  heads: { zh: ['名称', '渠道', '渠道怎样'], en: ['name', 'channels', 'what the channel does'] },
  behaving: (behaviour: string, channel: string, about: string): Words => ({
    zh: `${channel} 从现在起：${behaviour}（${about}）`,
    en: `${channel} from now on: ${behaviour} (${about})`,
  }),
  everything: (account: string): Words => ({
    zh: `账户 ${account} 的全部支付`,
    en: `whatever is paid over ${account}`,
  }),
  lifted: (n: number): Words => ({ zh: `已解除 ${n} 条。`, en: `${n} lifted.` }),
  paid: (order: string, serialNo: string, channel: string): Words => ({
    zh: `买家已在模拟的 ${channel} 付款：${order}（流水 ${serialNo}）。我方由通知或查询得知。`,
    en: `The payer has paid ${order} at the simulated ${channel} (attempt ${serialNo}). We hear of it by notice or by asking.`,
  }),
} as const;
