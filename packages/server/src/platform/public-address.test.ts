import { expect, test } from 'vitest';
import { hiddenHost, isPublicAddress, lookupPublic } from './public-address.ts';

const table = `
  0.0.0.0                 hidden
  10.1.2.3                hidden
  100.64.0.1              hidden
  100.128.0.1             public
  127.0.0.1               hidden
  127.255.255.255         hidden
  128.0.0.1               public
  169.254.169.254         hidden
  172.15.255.255          public
  172.16.0.1              hidden
  172.31.255.255          hidden
  172.32.0.1              public
  192.168.1.1             hidden
  192.0.2.1               hidden
  198.18.0.1              hidden
  198.51.100.9            hidden
  203.0.113.1             hidden
  223.255.255.1           public
  224.0.0.1               hidden
  255.255.255.255         hidden
  110.75.143.101          public
  ::                      hidden
  ::1                     hidden
  ::ffff:127.0.0.1        hidden
  ::ffff:110.75.143.101   hidden
  64:ff9b::a00:1          hidden
  100::1                  hidden
  2001::1                 hidden
  2001:db8::1             hidden
  2002:7f00:1::           hidden
  2408:4005::1            public
  2600:1f18::1            public
  fc00::1                 hidden
  fe80::1                 hidden
  ff02::1                 hidden
  localhost               hidden
`;

test('only addresses of the internet are public, whatever family they are written in', () => {
  for (const line of table.trim().split('\n')) {
    const [address = '', said] = line.trim().split(/\s+/);
    expect(isPublicAddress(address) ? 'public' : 'hidden', address).toBe(said);
  }
});

test('a host that is an address is judged as it stands, a name only when it is looked up', () => {
  expect(hiddenHost('[::1]')).toBe('::1 is not a public address');
  expect(hiddenHost('169.254.169.254')).toBe('169.254.169.254 is not a public address');
  expect(hiddenHost('110.75.143.101')).toBeUndefined();
  expect(hiddenHost('localhost')).toBeUndefined();
});

test('a name that leads to a hidden address is not connected to', async () => {
  const error = await new Promise((settle) => lookupPublic('localhost', { all: true }, settle));
  expect(String(error)).toMatch(/localhost leads to (127\.0\.0\.1|::1), which is not a public address/);
});
