import { Postman } from '../postman.ts';
import type { World } from '../world.ts';
import { letterOf } from './letter.ts';
import type { Notice } from './notices.ts';

export type WechatPostman = Postman<Notice>;

export function wechatPostman(world: World): WechatPostman {
  return new Postman<Notice>({
    mode: world.mode,
    notices: () => world.wechat.register.notices,
    patienceMs: () => world.wechat.register.settings.notice_timeout_ms,
    letterOf(notice, due) {
      const { merchants, settings } = world.wechat.register;
      const merchant = merchants.get(notice.mchid);
      return merchant && letterOf(merchant, notice, due, settings);
    },
    answered: ({ seq }, due, answer) => void world.wechatAct({ does: 'noticed', seq, due, answer }),
  });
}
