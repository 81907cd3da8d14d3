import { defineRefusals } from '../catalogue.ts';

export const caseRefusals = defineRefusals({
  'case.not_found': {
    http: 404,
    money: 'not_moved',
    retry: 'change_input',
    title: 'No such case',
    zh: '没有编号为 {case} 的差错单，或不在您的权限内。没有改动。',
    en: 'There is no case {case}, or it is outside your role. Nothing was changed.',
    wayOutZh: '请核对编号。',
    wayOutEn: 'Check the number.',
  },
  'case.already_closed': {
    http: 409,
    money: 'not_moved',
    retry: 'never',
    title: 'Closed before',
    zh: '差错单 {case} 之前已关闭。这次没有改动。',
    en: 'Case {case} was closed before. Nothing was changed this time.',
    wayOutZh: '请查看当时的结论；同样的问题再次出现会另建差错单。',
    wayOutEn: 'Look at the verdict of then; the same trouble again opens a new case.',
  },
});
