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
    wayOutZh: '请核对合作模式；属实的，请用这个设置另加账户',
    wayOutEn: 'Check the mode; if it is right, add the account with this setting',
  },
  'onboarding.mode_without_setting': {
    ...{ ...asIs, http: 422, title: 'The mode knows no such setting' },
    zh: '合作模式 {mode} 的账户不应有设置 {field}。没有保存。',
    en: 'An account in mode {mode} has no setting {field}, and this one has. Nothing was saved.',
    wayOutZh: '请核对合作模式；属实的，请去掉这个设置另加账户',
    wayOutEn: 'Check the mode; if it is right, add the account without this setting',
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
    wayOutZh: '请登记一个不须付款人标识的产品，见：liushui accounts walk {account}',
    wayOutEn: 'Note one that needs no payer, see: liushui accounts walk {account}',
  },
  'onboarding.answered_otherwise': {
    ...{ ...asIs, http: 409, title: 'The channel answered otherwise than its manifest says' },
    zh: '同一订单再次提交，应得 {expected}，渠道答的是 {found}。没有收款。',
    en: 'The same order sent again should be {expected}; the channel made it {found}. Nothing was collected.',
    wayOutZh: '请再试一次；仍如此，请更正渠道清单中的 resendIsSafe',
    wayOutEn: "Try again; if it stays so, correct resendIsSafe of the channel's manifest",
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
