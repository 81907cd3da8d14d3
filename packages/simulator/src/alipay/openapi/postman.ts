import { Postman } from '../../postman.ts';
import type { World } from '../../world.ts';
import { deliveryForm } from './form.ts';
import type { Notice } from './notices.ts';

export type OpenApiPostman = Postman<Notice>;

export function openApiPostman(world: World): OpenApiPostman {
  return new Postman<Notice>({
    mode: world.mode,
    notices: () => world.openApi.register.notices,
    patienceMs: () => world.settings.openapi.notice_timeout_ms,
    letterOf: (notice, due) => ({
      headers: { 'content-type': `application/x-www-form-urlencoded; charset=${notice.charset.toLowerCase()}` },
      body: deliveryForm(world.openApi.register, notice, due),
    }),
    answered: ({ seq }, due, answer) => world.openApiNoticed({ seq, due, answer }),
  });
}
