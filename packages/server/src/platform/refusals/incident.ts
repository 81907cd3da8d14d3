import { defineRefusals } from '../catalogue.ts';

export const incidentRefusals = defineRefusals({
  'incident.not_found': {
    http: 404,
    money: 'not_moved',
    retry: 'change_input',
    title: 'No such incident',
    zh: '没有编号为 {incident} 的故障，或不在您的权限内。没有改动。',
    en: 'There is no incident {incident}, or it is outside your role. Nothing was changed.',
    wayOutZh: '请核对编号：liushui incidents list --all',
    wayOutEn: 'Check the number: liushui incidents list --all',
  },
  'incident.already_closed': {
    http: 409,
    money: 'not_moved',
    retry: 'never',
    title: 'Closed before',
    zh: '故障 {incident} 之前已关闭。这次没有改动。',
    en: 'Incident {incident} was closed before. Nothing was changed this time.',
    wayOutZh: '请查看：liushui incidents show {incident}；同一组再次出现会另开故障。',
    wayOutEn: 'See liushui incidents show {incident}; the same trouble again opens a new one.',
  },
  'incident.reason_missing': {
    http: 422,
    money: 'not_moved',
    retry: 'change_input',
    title: 'Closing needs a reason',
    zh: '由人关闭故障 {incident} 须写原因。没有改动。',
    en: 'Closing incident {incident} by hand needs a reason. Nothing was changed.',
    wayOutZh: '请加上 --reason "why"。',
    wayOutEn: 'Add --reason "why".',
  },
  'incident.not_as_shown': {
    http: 409,
    money: 'not_moved',
    retry: 'change_input',
    title: 'More is open than was shown',
    zh: '提出关闭时故障 {incident} 尚有 {asked} 笔未到海关，现在有 {found} 笔。没有关闭。',
    en: 'When closing {incident} was asked for, {asked} were not at customs; now {found} are not. It stays open.',
    wayOutZh: '请重新查看并重新提出：liushui incidents close {incident} --reason "why"',
    wayOutEn: 'Look again and ask anew: liushui incidents close {incident} --reason "why"',
  },
});
