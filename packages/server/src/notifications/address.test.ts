import { expect, test } from 'vitest';
import { readAddress } from './address.ts';

const table = `
  address                                         production  sandbox
  https://erp.example.org/liushui                 yes         no
  https://erp.example.org:8443/a?b=c              yes         no
  http://erp.example.org/                         no          no
  https://8.8.8.8/hook                            yes         no
  https://[2408:4005::1]/hook                     yes         no
  http://127.0.0.1:9000/hook                      no          yes
  https://127.0.0.1/hook                          no          yes
  https://127.1/hook                              no          yes
  https://2130706433/hook                         no          yes
  https://0x7f.0.0.1/hook                         no          yes
  https://localhost/hook                          no          yes
  https://LOCALHOST./hook                         no          no
  https://[::1]/hook                              no          yes
  https://[::ffff:127.0.0.1]/hook                 no          no
  https://10.0.0.8/hook                           no          no
  https://172.16.3.4/hook                         no          no
  https://192.168.1.1/hook                        no          no
  https://169.254.169.254/latest/meta-data        no          no
  https://100.100.100.200/latest/meta-data        no          no
  https://0.0.0.0/hook                            no          no
  https://[fd00::1]/hook                          no          no
  https://[fe80::1]/hook                          no          no
  https://[64:ff9b::7f00:1]/hook                  no          no
  https://db/hook                                 no          no
  https://erp.internal/hook                       no          no
  https://printer.local/hook                      no          no
  https://user:pass@erp.example.org/              no          no
  https://erp.example.org/#a                      no          no
  ftp://erp.example.org/                          no          no
  file:///etc/passwd                              no          no
  erp.example.org/hook                            no          no
`;

test('production tells public https addresses, a sandbox this machine, however the address is written', () => {
  const [, ...lines] = table.trim().split('\n');
  for (const line of lines) {
    const [address = '', production, sandbox] = line.trim().split(/\s+/);
    const read = (inSandbox: boolean): string => (readAddress(address, inSandbox).ok ? 'yes' : 'no');
    expect([address, read(false), read(true)]).toEqual([address, production, sandbox]);
  }
});

test('a refusal says why and repeats no password', () => {
  const refused = readAddress('https://user:hush@10.0.0.8/', false);
  expect(refused).toMatchObject({ ok: false, refusal: { code: 'webhook.address_refused', pointer: '/url' } });
  expect(JSON.stringify(refused)).not.toContain('hush');
  expect(readAddress(`https://erp.example.org/${'a'.repeat(500)}`, false).ok).toBe(false);
});
