import { assert, done, refuse } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { CustomsJobParts } from '../customs/index.ts';
import { allowed, writeAudit } from '../identity/index.ts';
import type { Actor } from '../identity/index.ts';
import { inflatePiece } from './file-pieces.ts';
import { countReplies, findFiles, findPack, findPiece, placeOf, setSent } from './store.ts';
import type { KeptFile, Pack } from './store.ts';

export type ShownPack = {
  readonly pack: Pack;
  readonly files: readonly KeptFile[];
  /** How many members answered what; `open`: nothing yet. */
  readonly replies: Readonly<Record<string, number>>;
};

/** @returns refusals pack.not_found and those of `allowed`. */
export async function showPack({ db }: CustomsJobParts, actor: Actor, packId: string): Promise<Result<ShownPack>> {
  const pack = await findPack(db, packId);
  if (!pack) return refuse('pack.not_found', { pack: packId });
  const permitted = allowed(actor, 'numbers.read', pack.merchantId);
  if (!permitted.ok) return permitted;
  return done({ pack, files: await findFiles(db, packId), replies: await countReplies(db, packId) });
}

export type OpenedFile = KeptFile & { readonly pieces: AsyncGenerator<Uint8Array> };

/**
 * A file of a pack, piece by piece, as it was when the pack was made.
 * @returns refusals pack.not_found, pack.file_not_found, pack.file_unreadable, those of `allowed`.
 */
export async function openPackFile(
  parts: CustomsJobParts,
  actor: Actor,
  packId: string,
  name: string,
): Promise<Result<OpenedFile>> {
  const pack = await findPack(parts.db, packId);
  if (!pack) return refuse('pack.not_found', { pack: packId });
  const permitted = allowed(actor, 'exchanges.read', pack.merchantId);
  if (!permitted.ok) return permitted;
  const file = (await findFiles(parts.db, packId)).find((one) => one.name === name);
  if (!file) return refuse('pack.file_not_found', { pack: packId, file: name });
  const first = await openPiece(parts, packId, name, 1);
  if (first?.kind === 'closed') return refuse('pack.file_unreadable', { pack: packId, file: name, why: first.why });
  return done({ ...file, pieces: piecesOf(parts, packId, name) });
}

async function* piecesOf(parts: CustomsJobParts, packId: string, name: string): AsyncGenerator<Uint8Array> {
  for (let position = 1; ; position += 1) {
    const piece = await openPiece(parts, packId, name, position);
    if (!piece) return;
    assert(piece.kind === 'open', `a piece of ${packId}/${name} cannot be opened`);
    yield piece.bytes;
  }
}

type Piece = { readonly kind: 'open'; readonly bytes: Uint8Array } | { readonly kind: 'closed'; readonly why: string };

async function openPiece(
  { db, keyring }: CustomsJobParts,
  packId: string,
  name: string,
  position: number,
): Promise<Piece | undefined> {
  const sealed = await findPiece(db, packId, name, position);
  if (!sealed) return undefined;
  await keyring.loadFor([sealed]);
  const rowId = placeOf(packId, name, position);
  const opened = keyring.openBytes(sealed, { table: 'evidence_pack_pieces', column: 'piece', rowId });
  if (opened.kind === 'opened') return { kind: 'open', bytes: inflatePiece(opened.value) };
  return { kind: 'closed', why: opened.kind === 'erased' ? 'erased' : opened.why };
}

/** Writes down that a pack went out, by whom and by which way; the installation itself sends nothing. */
export async function markSent(
  parts: CustomsJobParts,
  actor: Actor,
  packId: string,
  note: string,
): Promise<Result<Pack>> {
  const pack = await findPack(parts.db, packId);
  if (!pack) return refuse('pack.not_found', { pack: packId });
  const permitted = allowed(actor, 'customs.evidence', pack.merchantId);
  if (!permitted.ok) return permitted;
  const at = parts.clock.now();
  await parts.db.transaction(async (tx) => {
    await setSent(tx, packId, actor.userId, at, note);
    const entry = { actor, act: 'customs.evidence_sent', subject: packId, reason: note };
    await writeAudit(tx, [entry], { at, ids: parts.ids });
  });
  return done({ ...pack, sentAt: at, sentBy: actor.userId, sentNote: note });
}
