import { defineConnector } from '../contract/index.ts';
import { declare } from './customs-declare.ts';
import { query } from './customs-query.ts';
import { manifest } from './manifest.ts';
import { sign } from './sign.ts';

export default defineConnector(manifest, sign, { customs: { declare, query } });
