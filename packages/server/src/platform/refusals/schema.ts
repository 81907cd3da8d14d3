import { defineRefusals } from '../catalogue.ts';

export const schemaRefusals = defineRefusals({
  'server.schema_older': {
    http: 503,
    money: 'not_moved',
    retry: 'after',
    title: 'Database not upgraded yet',
    zh: '数据库结构是版本 {database}，本程序需要 {program}。没有执行任何操作，数据没有改动。',
    en: 'The database has schema {database} and this program needs {program}. Nothing was done; no data was changed.',
    wayOutZh: '请先升级数据库：liushui migrate',
    wayOutEn: 'Bring the database forward first: liushui migrate',
  },
  'server.schema_shuts_out': {
    http: 409,
    money: 'not_moved',
    retry: 'after',
    title: 'Older processes still run',
    zh: '迁移 {file} 只适用于认识结构 {needs} 的程序，而这些进程仍在运行：{processes}。没有迁移，数据没有改动。',
    en: 'Migration {file} needs programs that know schema {needs}, and these still run: {processes}. Nothing was migrated; no data was changed.',
    wayOutZh: '请先把它们升级到上一个版本，或停止它们，半分钟后再执行 liushui migrate',
    wayOutEn: 'Bring them to the version before this one, or stop them; half a minute later: liushui migrate',
  },
});
