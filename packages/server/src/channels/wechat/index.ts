import { defineConnector } from '../contract/index.ts';
import { refuseAccount } from './account-check.ts';
import { saysTooOften } from './answer.ts';
import { manifest } from './manifest.ts';
import { notice } from './notice.ts';
import { close } from './pay-close.ts';
import { query } from './pay-query.ts';
import { submit } from './pay-submit.ts';
import { refund } from './refund.ts';
import { sign } from './sign.ts';
import { terms } from './terms.data.ts';

export default defineConnector(manifest, sign, {
  pay: { submit, query, close, notice },
  refund,
  terms,
  saysTooOften,
  refuseAccount,
});
