import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { paddingOf, tarHead } from './tar.ts';

/** An archive that grows under a name of its own and gets its real name when it is complete and on disk. */
export class ArchiveFile {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #draft: string;
  readonly #seconds: number;
  #length = 0;

  private constructor(file: FileHandle, path: string, draft: string, seconds: number) {
    this.#file = file;
    this.#path = path;
    this.#draft = draft;
    this.#seconds = seconds;
  }

  /** @param seconds the time that its files carry, since 1970. */
  static async create(path: string, seconds: number): Promise<ArchiveFile> {
    const draft = `${path}.part-${process.pid}`;
    return new ArchiveFile(await open(draft, 'wx', 0o600), path, draft, seconds);
  }

  /** Adds one file whose size is known only at its end: its head is written last. */
  async add<T>(name: string, write: (append: (chunk: Buffer) => Promise<void>) => Promise<T>): Promise<Added<T>> {
    const headAt = this.#length;
    await this.#append(tarHead(name, 0, this.#seconds));
    const digest = createHash('sha256');
    let bytes = 0;
    const result = await write(async (chunk) => {
      digest.update(chunk);
      bytes += chunk.length;
      await this.#append(chunk);
    });
    await this.#append(Buffer.alloc(paddingOf(bytes)));
    await this.#write(tarHead(name, bytes, this.#seconds), headAt);
    return { bytes, sha256: digest.digest('hex'), result };
  }

  /** From here on the file exists; a power cut leaves all of it or nothing under its name. */
  async finish(): Promise<void> {
    await this.#append(Buffer.alloc(1024));
    await this.#file.sync();
    await this.#file.close();
    await rename(this.#draft, this.#path);
    const folder = await open(dirname(this.#path), 'r');
    await folder.sync().finally(() => folder.close());
  }

  async abandon(): Promise<void> {
    await this.#file.close().catch(() => undefined); // closed already: it was its renaming that failed
    await rm(this.#draft, { force: true });
  }

  async #append(bytes: Buffer): Promise<void> {
    await this.#write(bytes, this.#length);
    this.#length += bytes.length;
  }

  async #write(bytes: Buffer, at: number): Promise<void> {
    for (let from = 0; from < bytes.length;) {
      const { bytesWritten } = await this.#file.write(bytes, from, bytes.length - from, at + from);
      from += bytesWritten;
    }
  }
}

export type Added<T> = { readonly bytes: number; readonly sha256: string; readonly result: T };
