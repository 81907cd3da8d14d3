// A receiver that believes nothing but the signature. WEBHOOK_SECRET=whsec_… node receiver.mjs [port]
/* global Buffer, console, process */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

const key = Buffer.from((process.env.WEBHOOK_SECRET ?? '').replace('whsec_', ''), 'base64');
const seen = new Set(); // a table with a unique key, in earnest

/** Over the bytes as they came: JSON that was parsed and written again has other bytes. */
function isOurs(id, time, signatures, body) {
  const tolerance = Number(process.env.WEBHOOK_TOLERANCE_SECONDS ?? 300);
  if (key.length === 0 || !(Math.abs(Date.now() / 1000 - Number(time)) <= tolerance)) return false;
  const wanted = createHmac('sha256', key).update(`${id}.${time}.`).update(body).digest();
  return signatures.split(' ').some((one) => {
    const given = Buffer.from(one.replace(/^v1,/, ''), 'base64');
    return one.startsWith('v1,') && given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}

const server = createServer(async (request, response) => {
  const body = await buffer(request);
  const [id, time, signatures] = ['id', 'timestamp', 'signature'].map((n) => request.headers[`webhook-${n}`] ?? '');
  if (!isOurs(id, time, signatures, body)) return response.writeHead(401).end('signature');
  const { type, data } = JSON.parse(body.toString('utf8'));
  // Answer first what was kept, work later: ten seconds are all there is.
  console.log(seen.has(id) ? `${id} again` : `${id} ${type} ${JSON.stringify(data)}`);
  seen.add(id);
  return response.writeHead(204).end();
});
server.listen(Number(process.argv[2] ?? 9000), '127.0.0.1', () => console.log(`port ${server.address().port}`));
