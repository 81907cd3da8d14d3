import { defineRefusals } from '../catalogue.ts';

export const authRefusals = defineRefusals({
  'auth.login_required': {
    http: 401,
    money: 'not_moved',
    retry: 'same_key',
    title: 'Sign in first',
    zh: '此操作需要登录。没有执行。',
    en: 'This needs a login. Nothing was done.',
    wayOutZh: '请在命令行登录，或设置 LIUSHUI_TOKEN；接口请带上 API 密钥。',
    wayOutEn: 'Sign in on the command line or set LIUSHUI_TOKEN; the API takes its key in the Authorization header.',
  },
  'auth.token_invalid': {
    http: 401,
    money: 'not_moved',
    retry: 'change_input',
    title: 'Key or session not valid',
    zh: '密钥或登录已失效、被撤销，或不属于本系统。没有执行。',
    en: 'The key or session has ended, was revoked, or belongs to another installation. Nothing was done.',
    wayOutZh: '请重新登录，或请管理员发新密钥。',
    wayOutEn: 'Sign in again, or ask an administrator for a new key.',
  },
  'auth.role_missing': {
    http: 403,
    money: 'not_moved',
    retry: 'never',
    title: 'Role missing',
    zh: '此操作需要“{role}”角色，您的账号没有。没有执行。',
    en: 'This needs the role {role}, which your account does not have. Nothing was done.',
    wayOutZh: '请找有该角色的同事，或请管理员授权（须两人）。',
    wayOutEn: 'Ask a colleague who has it, or an administrator to grant it (two people).',
  },
  'auth.too_many_attempts': {
    http: 429,
    money: 'not_moved',
    retry: 'after',
    title: 'Too many attempts',
    zh: '登录尝试过多，此账号已暂停登录。没有执行任何操作。',
    en: 'There were too many attempts to sign in; this account is paused. Nothing was done.',
    wayOutZh: '{notBefore|time} 之后可以再登录；若不是您本人，请告知管理员。',
    wayOutEn: 'Signing in works again after {notBefore|time}. If it was not you, tell your administrator.',
  },
});
