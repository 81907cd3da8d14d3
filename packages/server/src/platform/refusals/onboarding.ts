import { defineRefusals } from '../catalogue.ts';

const asIs = { money: 'not_moved', retry: 'change_input' } as const;

/** What stands against opening an account, or against noting something of it. */
export const onboardingRefusals = defineRefusals({
  'onboarding.channel_unfit': {
    ...{ ...asIs, http: 422, title: 'Our numbers do not fit this channel' },
    zh: '渠道 {channel} 的 {rule} 规则（{allowed}）与本系统不符。账户没有保存。',
    en: 'The rule of channel {channel} about its {rule} ({allowed}) does not take ours. The account was not saved.',
    wayOutZh: '请先更正渠道的清单（manifest）',
    wayOutEn: "Correct the channel's manifest first",
  },
  'onboarding.unknown_product': {
    ...{ ...asIs, http: 422, title: 'No such product' },
    zh: '这个渠道没有产品 {product}。没有保存。',
    en: 'The channel has no product {product}. Nothing was saved.',
    wayOutZh: '可用的产品：{known}',
    wayOutEn: 'Products: {known}',
  },
  'onboarding.prerequisite_missing': {
    ...{ ...asIs, http: 422, title: 'Another product comes before it' },
    zh: '产品 {product} 须先开通其中之一：{wanted}。没有保存。',
    en: 'Product {product} needs one of these opened before it: {wanted}. Nothing was saved.',
    wayOutZh: '请先申请并登记前提产品；已一并开通的，请一起登记',
    wayOutEn: 'Apply for that one first; if it is open already, note both together',
  },
  'onboarding.app_kind_unfit': {
    ...{ ...asIs, http: 422, title: 'The application is of another kind' },
    zh: '产品 {product} 不能用 {found} 类型的应用，允许的是：{allowed}。没有保存。',
    en: 'Product {product} cannot be had with an application of kind {found}; allowed: {allowed}. Nothing was saved.',
    wayOutZh: '请申请对的类型，再登记 app_kind',
    wayOutEn: 'Apply for one of the right kind and note its app_kind',
  },
  'onboarding.unknown_step': {
    ...{ ...asIs, http: 422, title: 'No such step' },
    zh: '没有名为 {step} 的步骤。没有保存。',
    en: 'There is no step {step}. Nothing was saved.',
    wayOutZh: '步骤有：{known}',
    wayOutEn: 'Steps: {known}',
  },
  'onboarding.unknown_key': {
    ...{ ...asIs, http: 422, title: 'The step asks for nothing like that' },
    zh: '步骤 {step} 没有 {key} 这一项。没有保存。',
    en: 'Step {step} has nothing called {key}. Nothing was saved.',
    wayOutZh: '可登记的有：{known}',
    wayOutEn: 'It takes: {known}',
  },
  'onboarding.placeholder': {
    ...{ ...asIs, http: 422, title: 'A word of ours was left as it was printed' },
    zh: '{words} 是命令里的占位词，须换成您自己的内容（{meaning}）。没有保存。',
    en: '{words} stands for your own words ({meaning}). Nothing was saved.',
    wayOutZh: '例如：{example}',
    wayOutEn: 'As in: {example}',
  },
  'onboarding.value_unfit': {
    ...{ ...asIs, http: 422, title: 'The value has another form' },
    zh: '{key} 写的是“{found}”，允许的是：{allowed}。没有保存。',
    en: '{key} is "{found}"; allowed: {allowed}. Nothing was saved.',
    wayOutZh: '请改成允许的写法',
    wayOutEn: 'Write it as it is allowed',
  },
  'onboarding.mode_needs_setting': {
    ...{ ...asIs, http: 422, title: 'The mode needs a setting' },
    zh: '合作模式 {mode} 的账户须有设置 {field}。没有保存。',
    en: 'An account in mode {mode} has the setting {field}, and this one has not. Nothing was saved.',
    wayOutZh: '请核对合作模式；属实的，请补上这个设置：liushui accounts change',
    wayOutEn: 'Check the mode; if it is right, give the account this setting: liushui accounts change',
  },
  'onboarding.mode_without_setting': {
    ...{ ...asIs, http: 422, title: 'The mode knows no such setting' },
    zh: '合作模式 {mode} 的账户不应有设置 {field}。没有保存。',
    en: 'An account in mode {mode} has no setting {field}, and this one has. Nothing was saved.',
    wayOutZh: '请核对合作模式；属实的，请去掉这个设置：liushui accounts change',
    wayOutEn: 'Check the mode; if it is right, take this setting away: liushui accounts change',
  },
  'onboarding.mode_forbids': {
    ...{ ...asIs, http: 422, title: 'The mode does not have this product' },
    zh: '合作模式 {mode} 没有产品 {product}。没有保存。',
    en: 'Mode {mode} does not have product {product}. Nothing was saved.',
    wayOutZh: '请核对合作模式和产品',
    wayOutEn: 'Check mode and product',
  },
  'onboarding.nothing_to_try': {
    ...{ ...asIs, http: 409, title: 'No product can be tried' },
    zh: '账户 {account} 已开通的产品（{products}）都须知道付款人，验收无法发起。没有收款。',
    en: 'Every product that account {account} has opened ({products}) needs to know the payer: the run cannot begin. Nothing was collected.',
    wayOutZh:
      '不须付款人的产品：{fits}；渠道已开通的，请登记，例如：liushui accounts note {account} products {fit}=opened',
    wayOutEn:
      'These need no payer: {fits}. Note one that the channel has opened, as in: liushui accounts note {account} products {fit}=opened',
  },
  'onboarding.answered_otherwise': {
    ...{ ...asIs, http: 409, title: 'The channel answered otherwise than its manifest says' },
    zh: '同一订单再次提交，应得 {expected}，渠道答的是 {found}。没有收款。',
    en: 'The same order sent again should be {expected}; the channel made it {found}. Nothing was collected.',
    wayOutZh: '请再试一次；仍如此，请更正渠道清单中的 resendIsSafe',
    wayOutEn: "Try again; if it stays so, correct resendIsSafe of the channel's manifest",
  },
  'onboarding.came_too_late': {
    ...{ money: 'not_moved', retry: 'after', http: 409, title: 'The test order had ended' },
    zh: '要关闭的测试单已过 {minutes} 分钟，自行结束，没有来得及再交一次。已另开一单。没有收款。',
    en: 'The test order to close lives {minutes} minutes and ended before it was sent again. Another one was begun. Nothing was collected.',
    wayOutZh: '请在 {minutes} 分钟内再执行：liushui accounts accept {account}',
    wayOutEn: 'Within {minutes} minutes, again: liushui accounts accept {account}',
  },
  'onboarding.notice_missing': {
    ...{ money: 'not_moved', retry: 'change_input', http: 409, title: 'No message of the channel came' },
    zh: '测试支付 {serial_no} 付款后一小时内没有收到渠道通知。通知地址是 {address}，可能有误，或被防火墙、代理挡住。',
    en: 'No message about test payment {serial_no} came within an hour of its payment. Its address is {address}: it may be wrong, or a firewall or proxy lets nobody through.',
    wayOutZh: '请从外网核对该地址，改正后再执行并再付一次：liushui accounts accept {account}',
    wayOutEn: 'Check that address from outside and mend it; then pay once more: liushui accounts accept {account}',
  },
  'onboarding.owner_twice': {
    ...{ ...asIs, http: 409, title: 'Several accounts of one owner' },
    zh: '账户 {account} 与 {others} 的商户号相同：渠道给它们的是同一份对账单。',
    en: 'Account {account} has the same merchant number as {others}: the channel writes one statement for all of them.',
    wayOutZh: '对账单只用其中一个账户取；不再用的账户请不要上线',
    wayOutEn: 'Fetch statements with one of them only, and take no account live that is not used',
  },
  'onboarding.secret_missing': {
    ...{ ...asIs, http: 409, title: 'A secret of the account is missing' },
    zh: '账户 {account} 缺少有效的密钥：{fields}。没有它们既不能签名，也不能验签。',
    en: 'Account {account} has no valid secret: {fields}. Without it nothing can be signed or checked.',
    wayOutZh: '请从文件给出：liushui accounts change {account}',
    wayOutEn: 'Give it by file: liushui accounts change {account}',
  },
  'onboarding.step_open': {
    ...{ ...asIs, http: 409, title: 'A step is still open' },
    zh: '账户 {account} 还有未完成的步骤：{steps}。没有上线。',
    en: 'Steps of account {account} are still open: {steps}. It did not go live.',
    wayOutZh: '请看下一步：liushui accounts walk {account}',
    wayOutEn: 'See what comes next: liushui accounts walk {account}',
  },
  'onboarding.never_alone': {
    ...{ ...asIs, http: 409, title: 'It must not be the only account' },
    zh: '账户 {account} 的合作模式（{mode}）不稳定，不能是该渠道唯一的账户。没有上线。',
    en: 'An account in this mode ({mode}) stands still more often: {account} must not be the only one at its channel. It did not go live.',
    wayOutZh: '请先让同一渠道的另一个账户上线',
    wayOutEn: 'Take another account at the same channel live first',
  },
  'onboarding.live_already': {
    ...{ money: 'not_moved', retry: 'never', http: 409, title: 'The account is live' },
    zh: '账户 {account} 已于 {at|time} 上线。没有改动。',
    en: 'Account {account} has been live since {at|time}. Nothing was changed.',
    wayOutZh: '无须再做：买家已可用它付款',
    wayOutEn: 'Nothing is left to do: buyers are offered it',
  },
});
