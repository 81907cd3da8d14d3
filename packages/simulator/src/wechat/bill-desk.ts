import { lot } from './signing.ts';

type Ready = { readonly mchid: string; readonly bytes: Buffer; readonly isGzip: boolean; readonly at: number };

/** Files that may be fetched. Not in the books on disk: after a restart the addresses are dead, as they soon are anyway. */
export class BillDesk {
  readonly #ready = new Map<string, Ready>();

  keep(file: Ready): string {
    const token = lot(`bill ${this.#ready.size} ${file.mchid} ${file.at}`, 40);
    this.#ready.set(token, file);
    return token;
  }

  find(token: string): Ready | undefined {
    return this.#ready.get(token);
  }
}
