import type { Words } from './answer.ts';

export const keysTexts = {
  keys: { zh: '密钥：检查、更换、托管', en: 'keys: check, rotate, put into escrow' },
  checkAbout: {
    zh: '主密钥能否打开全部数据密钥和密钥项；缺哪些月份',
    en: 'does the master key open every data key and every secret; which months lack keys',
  },
  forgetOption: {
    zh: '检查通过后删除上次更换前的主密钥',
    en: 'when all opens, delete the master key from before the last change',
  },
  rotateAbout: {
    zh: '更换主密钥（生产环境两人）；数据不变，只重新包裹数据密钥',
    en: 'replace the master key, by two people in production; data keys are wrapped anew, data stays as it is',
  },
  escrowAbout: {
    zh: '把主密钥用口令加密后写入文件，供托管',
    en: 'write the master key into a file under a passphrase, for the safe',
  },
  escrowToOption: { zh: '尚不存在的文件', en: 'a file that does not exist yet' },
  openToOption: { zh: '主密钥写入的文件，须尚不存在', en: 'where the master key is written; must not exist yet' },
  passphraseOption: { zh: '从文件读取口令（否则在终端输入）', en: 'read the passphrase from a file, else it is asked' },
  escrowCheckAbout: { zh: '试开托管文件，只显示指纹', en: 'try an escrow file, and show the fingerprint only' },
  escrowOpenAbout: { zh: '从托管文件取回主密钥', en: 'get the master key back out of an escrow file' },
  askPassphrase: { zh: '口令（不显示）：', en: 'Passphrase (not shown):' },
  askAgain: { zh: '再输入一次：', en: 'Once more:' },
  fingerprint: (words: string): Words => ({ zh: `主密钥指纹 ${words}`, en: `master key ${words}` }),
  dataKeys: (opened: string, erased: string, closed: string): Words => ({
    zh: `数据密钥：${opened} 个可打开，${erased} 个已销毁${closed ? `，打不开：${closed}` : ''}`,
    en: `data keys: ${opened} open, ${erased} erased${closed ? `; these do not open: ${closed}` : ''}`,
  }),
  sealed: (opened: string, erased: string, broken: string): Words => ({
    zh: `加密内容（全部密钥项，最近的通信）：${opened} 项可打开，${erased} 项已销毁${broken ? `，打不开：${broken}` : ''}`,
    en: `sealed (all secrets, newest exchanges): ${opened} open, ${erased} erased${broken ? `; these do not: ${broken}` : ''}`,
  }),
  monthsGood: { zh: '本月和明天的数据密钥都在。', en: 'The keys of this month and of tomorrow are there.' },
  monthsLacking: (months: string): Words => ({
    zh: `缺数据密钥：${months}（工作进程会自动生成）`,
    en: `keys are lacking: ${months} (a worker makes them by itself)`,
  }),
  settled: {
    finished: {
      zh: '上次更换主密钥中断在换文件之前，现已完成。',
      en: 'A change of the master key had broken off before its last step; it is finished now.',
    },
    taken_back: {
      zh: '上次更换主密钥没有生效，多余的文件已删除。',
      en: 'A change of the master key had not taken effect; its unused file is gone.',
    },
  },
  previousKept: {
    zh: '更换前的主密钥还在文件旁边（.previous）。更早的备份需要它：先托管，再删除。',
    en: 'The key from before the last change is still beside the file (.previous). Older backups need it: escrow it first.',
  },
  previousForgotten: { zh: '更换前的主密钥已删除。', en: 'The key from before the last change is deleted.' },
  rotated: (before: string, after: string, keys: string): Words => ({
    zh: `主密钥已由 ${before} 更换为 ${after}，${keys} 个数据密钥已重新包裹。`,
    en: `The master key is ${after} now, was ${before}; ${keys} data keys were wrapped anew.`,
  }),
  escrowNow: {
    zh: '请立即托管新密钥，再检查。其他机器上的密钥文件也要更换。',
    en: 'Put the new key into escrow now, then check. Copy the file to other machines that serve.',
  },
  escrowed: (file: string, fingerprint: string): Words => ({
    zh: `主密钥 ${fingerprint} 已加密写入 ${file}`,
    en: `Master key ${fingerprint} is in ${file}, sealed.`,
  }),
  escrowAdvice: {
    zh: '文件和口令分开保管，各由一人；备份与密钥也要分开。',
    en: 'Keep file and passphrase apart, with a person each, and both apart from the backups.',
  },
  escrowOpens: (file: string, fingerprint: string): Words => ({
    zh: `${file} 可以打开，里面是主密钥 ${fingerprint}`,
    en: `${file} opens; it holds master key ${fingerprint}`,
  }),
  keyWritten: (file: string, fingerprint: string): Words => ({
    zh: `主密钥 ${fingerprint} 已写入 ${file}（权限 0600）`,
    en: `Master key ${fingerprint} is in ${file}, mode 0600`,
  }),
} as const;
