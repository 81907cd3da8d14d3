/* The import table. ARCHITECTURE explains it; whoever needs another line changes the table there and here, with the reason. */
const server = '^packages/server/src/';
const tests = '(\\.test\\.ts$|^packages/[^/]+/test/)';

/** Every domain folder and the domain folders it may use (identity: for the Actor of a command), besides kernel, platform, channels/contract and the registry. */
const domains = {
  ledger: [],
  cases: ['notifications'],
  notifications: ['identity', 'approvals'],
  identity: [],
  approvals: ['identity'],
  // What a channel is reached with: settings and sealed secrets of a merchant's account there.
  accounts: ['identity', 'approvals'],
  // What the paper contract of an account says; fees and refunds are reckoned by it.
  contracts: ['identity', 'approvals', 'accounts'],
  // Which ways to pay an order is offered, in which order, and why not the others.
  routing: ['identity', 'accounts', 'contracts'],
  // The payer's page: it shows an order, and begins, watches and gives up payments.
  cashier: ['identity', 'accounts', 'payments', 'routing'],
  payments: ['identity', 'accounts', 'contracts', 'ledger', 'cases', 'notifications', 'approvals'],
  payouts: ['identity', 'accounts', 'ledger', 'cases', 'notifications', 'approvals'],
  refunds: ['identity', 'accounts', 'payments', 'payouts', 'ledger', 'cases', 'notifications', 'approvals'],
  // The walk by which an account is opened: it asks what the others know, and tries the account as a shop would.
  onboarding: ['identity', 'accounts', 'contracts', 'payments', 'statements', 'cases', 'notifications', 'approvals'],
  customs: ['identity', 'accounts', 'payments', 'cases', 'notifications', 'approvals'],
  // What is handed to a channel or a port about declarations, and what they reply.
  packs: ['identity', 'accounts', 'customs', 'incidents', 'cases', 'notifications', 'approvals'],
  // Detection: it reads what customs keeps, and opens what people must know.
  incidents: ['identity', 'accounts', 'customs', 'cases', 'notifications', 'approvals'],
  // One door for any number a person may paste: it puts together what the domains tell.
  sharing: ['identity', 'accounts', 'payments', 'ledger', 'cases', 'notifications', 'approvals'],
  stories: ['identity', 'customs', 'payments', 'sharing'],
  statements: ['identity', 'accounts', 'cases'],
  reconciliation: ['identity', 'statements', 'payments', 'refunds', 'payouts', 'ledger', 'cases'],
};
const doors = ['api', 'console', 'cli'];
const everyDomain = Object.keys(domains);
const shared = ['kernel/', 'platform/', 'channels/contract/', 'channels/registry\\.ts$'];

const inServer = (parts) => `${server}(${parts.join('|')})`;

const uses = (folder, others) => ({
  name: `${folder}-uses`,
  comment: `${folder}/ may use: ${['kernel', 'platform', 'channels/contract', 'channels/registry', ...others].join(', ')}`,
  severity: 'error',
  from: { path: `${server}${folder}/`, pathNot: tests },
  to: { path: server, pathNot: inServer([`${folder}/`, ...shared, ...others.map((name) => `${name}/`)]) },
});

const rules = [
  ...everyDomain.map((name) => uses(name, domains[name])),
  ...doors.map((name) => uses(name, name === 'cli' ? [...everyDomain, 'app'] : everyDomain)),
  uses('platform', []),
  {
    name: 'platform-knows-no-channel',
    comment: 'platform/ may use: kernel. What it needs of a channel is handed to it',
    severity: 'error',
    from: { path: `${server}platform/`, pathNot: tests },
    to: { path: `${server}channels/(?!contract/)` },
  },
  {
    name: 'kernel-imports-nothing',
    comment: 'kernel/ imports nothing, not even node:. Pass it in',
    severity: 'error',
    from: { path: `${server}kernel/`, pathNot: tests },
    to: { pathNot: `${server}kernel/` },
  },
  {
    name: 'channel-stands-alone',
    comment:
      'a channel may use: its own folder, channels/contract, kernel, node:crypto, node:zlib (files come packed) and libraries',
    severity: 'error',
    from: { path: `${server}channels/([^/]+)/`, pathNot: tests },
    to: {
      pathNot: [`${server}channels/($1|contract)/`, `${server}kernel/`, '^(node:)?(crypto|zlib)$', 'node_modules/'],
    },
  },
  {
    name: 'channel-opens-nothing',
    comment: 'no sockets, database, files or logger in a channel: build and interpret are pure',
    severity: 'error',
    from: { path: `${server}channels/[^/]+/`, pathNot: tests },
    to: { path: 'node_modules/(undici|pg|fastify|pino)/' },
  },
  {
    name: 'nobody-names-a-channel',
    comment: 'ask channels/registry by id; only the registry and app/ know the folders',
    severity: 'error',
    from: { path: server, pathNot: [tests, `${server}(app|channels)/`] },
    to: { path: `${server}channels/(?!contract/|registry\\.ts$)` },
  },
  {
    name: 'by-the-front-door',
    comment: 'import a domain by its index.ts; export there what others may use',
    severity: 'error',
    from: { path: `${server}([^/]+)/`, pathNot: [tests, `${server}app/`] },
    to: { path: `${server}(${everyDomain.join('|')})/(?!index\\.ts$)`, pathNot: `${server}$1/` },
  },
  {
    name: 'doors-are-not-imported',
    comment: 'api, console and cli are doors: only app/ wires them. What is shared belongs into a domain or platform/',
    severity: 'error',
    from: { path: `${server}([^/]+)/`, pathNot: [tests, `${server}app/`] },
    to: { path: inServer(doors.map((name) => `${name}/`)), pathNot: `${server}$1/` },
  },
  {
    name: 'app-is-known-by-nobody',
    comment: 'app/ wires everything and is started by cli/main.ts only; hand a function down instead',
    severity: 'error',
    from: { path: server, pathNot: [tests, `${server}app/`, `${server}cli/main\\.ts$`] },
    to: { path: `${server}app/` },
  },
  {
    name: 'folder-is-in-the-table',
    comment: 'a new folder of the server needs its line in the import table (.dependency-cruiser.cjs and ARCHITECTURE)',
    severity: 'error',
    from: {
      path: server,
      pathNot: inServer([...everyDomain, ...doors, 'app', 'platform', 'kernel', 'channels'].map((n) => `${n}/`)),
    },
    to: {},
  },
  {
    name: 'simulator-imports-nothing-of-the-server',
    comment: 'the simulator is a second reading of the documents: write it again from the document',
    severity: 'error',
    from: { path: '^packages/simulator/' },
    to: { path: '^packages/(?!simulator/)' },
  },
  {
    name: 'simulator-has-its-own-xml-parser',
    comment: 'the simulator reads XML with @xmldom/xmldom',
    severity: 'error',
    from: { path: '^packages/simulator/' },
    to: { path: 'fast-xml-parser' },
  },
  {
    name: 'server-has-its-own-xml-parser',
    comment: 'the server reads XML with fast-xml-parser',
    severity: 'error',
    from: { path: '^packages/server/' },
    to: { path: '@xmldom' },
  },
  {
    name: 'server-imports-nothing-of-the-simulator',
    comment: 'only packages/server/test may import @liushui/simulator; the product starts it as a process',
    severity: 'error',
    from: { path: '^packages/server/', pathNot: '^packages/server/test/' },
    to: { path: ['^packages/simulator/', '@liushui/simulator'] },
  },
  {
    name: 'sdk-stands-alone',
    comment: 'packages/sdk may use: itself and node:crypto. A shop installs it without anything of ours',
    severity: 'error',
    from: { path: '^packages/sdk/src/', pathNot: tests },
    to: { pathNot: ['^packages/sdk/src/', '^(node:)?crypto$'] },
  },
  {
    name: 'server-imports-nothing-of-the-sdk',
    comment: 'only packages/server/test may import the SDK; two sides of one contract are written twice',
    severity: 'error',
    from: { path: '^packages/server/', pathNot: '^packages/server/test/' },
    to: { path: ['^packages/sdk/', '@liushui/sdk'] },
  },
  {
    name: 'no-cycles',
    comment: 'break the circle: move what both need below them, or hand a function down',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'resolvable',
    comment: 'the file or package does not exist, or is missing from package.json',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
];

module.exports = {
  forbidden: rules,
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)node_modules/\\.|^packages/[^/]+/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
