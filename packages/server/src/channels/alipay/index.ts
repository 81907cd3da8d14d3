import { defineConnector } from '../contract/index.ts';
import { declare } from './customs-declare.ts';
import { query as customsQuery } from './customs-query.ts';
import { manifest } from './manifest.ts';
import { notice } from './notice.ts';
import { saysTooOften } from './openapi-answer.ts';
import { opening } from './opening.data.ts';
import { cancel, close } from './pay-close.ts';
import { query } from './pay-query.ts';
import { show } from './pay-show.ts';
import { submit } from './pay-submit.ts';
import { refund } from './refund.ts';
import { query as shareQuery, submit as shareSubmit } from './share.ts';
import { bind, unbind } from './share-receivers.ts';
import { sign } from './sign.ts';
import { terms } from './terms.data.ts';

export default defineConnector(manifest, sign, {
  customs: { declare, query: customsQuery },
  pay: { show, submit, query, close, cancel, notice },
  refund,
  share: { bind, unbind, submit: shareSubmit, query: shareQuery },
  terms,
  opening,
  saysTooOften,
});
