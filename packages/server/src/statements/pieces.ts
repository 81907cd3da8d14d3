import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { SealedPlace } from '../platform/seal.ts';

const pieceBytes = 512 * 1024;

export const sha256Of = (contents: Uint8Array): string => createHash('sha256').update(contents).digest('hex');

/** Deflated one by one: half a megabyte of contents each, so that nobody ever holds the whole to hand it on. */
export function piecesOf(contents: Uint8Array): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < contents.byteLength; from += pieceBytes)
    pieces.push(deflateRawSync(contents.subarray(from, from + pieceBytes), { level: 2 }));
  return pieces;
}

export const inflatePiece = (piece: Uint8Array): Uint8Array =>
  new Uint8Array(inflateRawSync(piece, { maxOutputLength: pieceBytes }));

export const placeOfPiece = (statementId: string, position: number): SealedPlace => ({
  table: 'statement_pieces',
  column: 'piece',
  rowId: `${statementId}/${position}`,
});

export const placeOfAddress = (dayId: string): SealedPlace => ({
  table: 'statement_days',
  column: 'address',
  rowId: dayId,
});
