/** What may be permitted. `<command>.approve` is what a second person needs to decide about that command. */
export const permissions = [
  'numbers.read',
  'jobs.read',
  'cases.read',
  'cases.close',
  'accounts.read',
  'approvals.read',
  'exchanges.read',
  'audit.read',
  'users.read',
  'payments.import',
  'customs.import',
  'customs.triage',
  'customs.repush.propose',
  'customs.repush.approve',
  'customs.repush.run',
  'customs.declare_anew.propose',
  'customs.declare_anew.approve',
  'customs.declare_anew.run',
  'customs.number_rule.propose',
  'customs.number_rule.approve',
  'incidents.handle',
  'incidents.close.approve',
  'customs.evidence',
  'customs.evidence.approve',
  'accounts.test',
  'accounts.change',
  'accounts.change.approve',
  'users.change',
  'users.change.approve',
  'webhooks.read',
  'webhooks.send',
  'webhooks.change',
  'webhooks.change.approve',
  'installation.backup',
  'installation.restore',
  'keys.read',
  'keys.change',
  'keys.change.approve',
  'retention.change',
  'retention.change.approve',
  'sandbox.clock',
] as const;
export type Permission = (typeof permissions)[number];

export const roles = ['viewer', 'maker', 'checker', 'finance', 'admin', 'auditor'] as const;
export type Role = (typeof roles)[number];

const reading = [
  'numbers.read',
  'jobs.read',
  'cases.read',
  'accounts.read',
  'approvals.read',
  'webhooks.read',
] as const;

/** A role says which acts. That two halves of one act need two people is no matter of roles: one person may hold several. */
export const permissionsOfRole: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: reading,
  maker: [
    ...reading,
    'exchanges.read',
    'cases.close',
    'payments.import',
    'customs.import',
    'customs.triage',
    'customs.repush.propose',
    'customs.repush.run',
    'customs.declare_anew.propose',
    'customs.declare_anew.run',
    'customs.number_rule.propose',
    'incidents.handle',
    'customs.evidence',
    'accounts.test',
    'webhooks.send',
    'webhooks.change',
  ],
  checker: [
    ...reading,
    'exchanges.read',
    'users.read',
    'customs.repush.approve',
    'customs.repush.run',
    'customs.declare_anew.approve',
    'customs.declare_anew.run',
    'customs.number_rule.approve',
    'incidents.handle',
    'incidents.close.approve',
    'customs.evidence',
    'customs.evidence.approve',
    'accounts.change.approve',
    'users.change.approve',
    'keys.change.approve',
    'retention.change.approve',
    'webhooks.change.approve',
  ],
  finance: [...reading, 'exchanges.read', 'cases.close'],
  admin: [
    ...reading,
    'users.read',
    'customs.number_rule.propose',
    'customs.number_rule.approve',
    'accounts.test',
    'accounts.change',
    'accounts.change.approve',
    'users.change',
    'users.change.approve',
    'webhooks.send',
    'webhooks.change',
    'webhooks.change.approve',
    'installation.backup',
    'installation.restore',
    'keys.read',
    'keys.change',
    'keys.change.approve',
    'retention.change',
    'retention.change.approve',
    'sandbox.clock',
  ],
  auditor: [...reading, 'exchanges.read', 'audit.read', 'users.read', 'keys.read'],
};

export function isRole(text: string): text is Role {
  return (roles as readonly string[]).includes(text);
}

export function isPermission(text: string): text is Permission {
  return (permissions as readonly string[]).includes(text);
}

export function rolesWith(permission: Permission): readonly Role[] {
  return roles.filter((role) => permissionsOfRole[role].includes(permission));
}
