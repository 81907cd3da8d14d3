// The page of docs that shows each state: written from the scenes, so that it leaves none out.
import type { Scene } from './scenes.ts';

const intro = `# The payer's page, state by state

\`POST /v1/cashiers\` gives a shop a link for one order; whoever opens it sees this page. It says what is known, who said it, and what happens next. It never says
that a payment failed: only that it was closed and not charged, or refused by a code that the channel lists. What nobody knows has its own look, a dashed
violet diamond, and its own sentence: you may have paid, so do not pay again.

The page comes whole from the server and works without scripts; with them it is kept up to date by server-sent events, and says since when it is not.
Nothing is loaded from another host. The striped bar stands in a sandbox only. The pictures on a desktop in English show the dark theme.

The pictures and this page are written by \`npm run screenshots\`; the tests in \`packages/server/test/browser\` bring each state about, read it, measure it
(WCAG 2.2 AA, 320 px) and hold our books against the channels'.
`;

export function pageOf(scenes: readonly Scene[]): string {
  return `${intro}\n${scenes.map(partOf).join('\n')}`;
}

function partOf({ name, about, devices = ['phone', 'desktop'] }: Scene): string {
  const places = devices.map((device) => (device === 'inWechat' ? 'phone' : device));
  const pictures = places.flatMap((place) =>
    (['zh', 'en'] as const).map((lang) => `![${about[lang]}](${name}-${place}-${lang}.png)`),
  );
  return `## ${about.en[0]?.toUpperCase()}${about.en.slice(1)} · ${about.zh}\n\n${pictures.join('\n')}\n`;
}
