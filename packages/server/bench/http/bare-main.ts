import { createPublicKey, verify } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerLines } from './answering.ts';

/** What the door for channels' messages is measured against: it verifies the same signature with Node alone, and forgets the message. */
const key = createPublicKey(process.argv[2] ?? '');

function fits(body: string): boolean {
  const form = new URLSearchParams(body);
  const text = [...form.keys()]
    .filter((name) => name !== 'sign' && name !== 'sign_type')
    .sort()
    .map((name) => `${name}=${form.get(name) ?? ''}`)
    .join('&');
  return verify('SHA256', Buffer.from(text), key, Buffer.from(form.get('sign') ?? '', 'base64'));
}

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (bytes: Buffer) => pieces.push(bytes));
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end(fits(Buffer.concat(pieces).toString()) ? 'success' : 'fail');
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
await answerLines({ address: `http://127.0.0.1:${port}` }, () => Promise.resolve());
server.closeAllConnections();
server.close();
