import { defineRefusals } from '../catalogue.ts';

export const retentionRefusals = defineRefusals({
  'retention.unknown_class': {
    http: 404,
    money: 'not_moved',
    retry: 'change_input',
    title: 'No such class',
    zh: '没有名为 {class} 的保留类别。没有改动。',
    en: 'There is no class {class} of things that are kept. Nothing was changed.',
    wayOutZh: '请查看全部类别：liushui retention show',
    wayOutEn: 'See all classes: liushui retention show',
  },
  'retention.below_minimum': {
    http: 422,
    money: 'not_moved',
    retry: 'change_input',
    title: 'Below the minimum',
    zh: '类别 {class} 至少保留 {minimum|count} 天，不能改为 {days|count} 天。没有改动。',
    en: 'Class {class} is kept for {minimum|count} days at least; {days|count} is less. Nothing was changed.',
    wayOutZh: '下限的依据见：liushui retention show',
    wayOutEn: 'Where the minimum comes from: liushui retention show',
  },
});
