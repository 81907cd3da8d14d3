import { defineRefusals } from '../catalogue.ts';

export const sandboxRefusals = defineRefusals({
  'sandbox.only': {
    http: 403,
    money: 'not_moved',
    retry: 'never',
    title: 'Sandbox only',
    zh: '“{what}”只在模拟环境可用，这里是生产环境。没有执行。',
    en: '"{what}" exists in a sandbox only, and this is production. Nothing was done.',
    wayOutZh: '请另建一个模拟环境：在新的文件夹里执行 npm start',
    wayOutEn: 'Make a sandbox of its own: npm start in a new folder.',
  },
  'production.refuses': {
    http: 403,
    money: 'not_moved',
    retry: 'change_input',
    title: 'Production refuses this',
    zh: '生产环境不允许一人完成或以模拟方式完成此操作[（{act}）]。没有执行。',
    en: 'Production does not allow this act by one person or as in a sandbox[ ({act})]. Nothing was done.',
    wayOutZh: '请提交复核，由另一人同意后执行。',
    wayOutEn: 'Propose it, so that a second person can agree.',
  },
  'replay.folder_in_use': {
    http: 409,
    money: 'not_moved',
    retry: 'change_input',
    title: 'Another replay works there',
    zh: '文件夹 {folder} 正被另一个重放使用。没有开始，也没有改动其中的数据。',
    en: 'Folder {folder} is in use by another replay. This one did not start, and nothing there was changed.',
    wayOutZh: '请换一个 --data 文件夹，或等那个重放结束。',
    wayOutEn: 'Choose another --data folder, or let the other one end.',
  },
  'replay.not_resumable': {
    http: 409,
    money: 'not_moved',
    retry: 'change_input',
    title: 'Nothing to resume there',
    zh: '文件夹 {folder} 里没有可以继续的重放[：{why}]。没有开始。',
    en: 'Folder {folder} holds no replay that can be resumed[: {why}]. Nothing was started.',
    wayOutZh: '请去掉 --resume 重新开始，或指定原来的 --data 文件夹和参数。',
    wayOutEn: 'Start anew without --resume, or name the --data folder and options of the first run.',
  },
});
