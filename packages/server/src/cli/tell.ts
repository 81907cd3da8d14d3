import { shownOnOneLine } from '../kernel/index.ts';
import type { Lang } from '../platform/config.ts';
import type { Words } from './answer.ts';
import { count } from './layout.ts';

/** Speaks on stderr while a command works: stdout belongs to its answer. */
export type Tell = {
  line(words: Words): void;
  /** A bar where the terminal can redraw, else a plain line whenever another tenth is done. */
  progress(words: Words, done: number, of: number): void;
  /** Ends the bar's line. */
  end(): void;
};

export type TellOptions = {
  readonly lang: Lang;
  readonly write: (text: string) => void;
  /** A terminal that may be redrawn: not a pipe, and the user did not ask for plain lines. */
  readonly redraw: boolean;
  readonly quiet: boolean;
};

const cells = 20;

export function createTell({ lang, write, redraw, quiet }: TellOptions): Tell {
  let drawn = false;
  let lastTenth = -1;
  const end = (): void => {
    if (drawn) write('\n');
    drawn = false;
    lastTenth = -1;
  };
  if (quiet) return { line: () => undefined, progress: () => undefined, end: () => undefined };
  return {
    line(words) {
      end();
      write(`${shownOnOneLine(words[lang])}\n`);
    },
    progress(words, done, of) {
      const share = of === 0 ? 1 : done / of;
      const text = `${words[lang]}  ${count(done)} / ${count(of)}`;
      if (redraw) {
        const full = Math.floor(share * cells);
        write(`\r${words[lang]}  [${'#'.repeat(full)}${'-'.repeat(cells - full)}]  ${count(done)} / ${count(of)} `);
        drawn = true;
        return;
      }
      const tenth = Math.floor(share * 10);
      if (tenth === lastTenth) return;
      lastTenth = tenth;
      write(`${text}\n`);
    },
    end,
  };
}
