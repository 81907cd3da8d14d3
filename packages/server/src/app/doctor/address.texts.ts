import type { Words } from './finding.ts';

export const addressWords = {
  simulated: { zh: '模拟渠道在本机', en: 'simulators are on this machine' },
  noPublicUrl: {
    zh: '没有设置 PUBLIC_URL：渠道的通知到不了这里',
    en: 'PUBLIC_URL is not set: no channel can reach us',
  },
  plain: (url: string): Words => ({ zh: `${url} 不是 https`, en: `${url} is not https` }),
  setPublicUrl: {
    zh: '把 PUBLIC_URL 设为渠道能访问的外网 https 地址',
    en: 'set PUBLIC_URL to an https address that channels reach',
  },
  unresolved: (url: string): Words => ({ zh: `${url} 的域名无法解析`, en: `the name in ${url} leads nowhere` }),
  mendName: { zh: '检查域名和本机的 DNS', en: 'check the name, and the name servers of this machine' },
  hidden: (url: string, address: string): Words => ({
    zh: `${url} 指向 ${address}，外网到不了`,
    en: `${url} leads to ${address}, which nobody outside can reach`,
  }),
  silent: (url: string, why: string): Words => ({
    zh: `从本机连不上 ${url}（${why}）`,
    en: `${url} does not answer from here (${why})`,
  }),
  tryOutside: {
    zh: '请从外网打开它的 /healthz；有些网络从内部访问不到自己的外网地址',
    en: 'open its /healthz from outside; some networks do not reach their own address from inside',
  },
  distrusted: (url: string, why: string): Words => ({
    zh: `${url} 的证书不受信任：${why}`,
    en: `the certificate of ${url} is not trusted: ${why}`,
  }),
  mendCertificate: {
    zh: '装上完整的证书链和正确的域名证书',
    en: 'install a certificate for this name, with its whole chain',
  },
  certificate: (url: string, days: number): Words => ({
    zh: `${url}，证书还有 ${days} 天`,
    en: `${url}, certificate for another ${days} days`,
  }),
  renew: { zh: '请续期证书，并重新加载反向代理', en: 'renew the certificate and reload the reverse proxy' },
} as const;
