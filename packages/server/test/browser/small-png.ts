// A picture of a page has few colours: with a palette it takes a quarter of the bytes, and the repository keeps it for ever.
import { crc32, deflateSync, inflateSync } from 'node:zlib';

type Picture = { readonly width: number; readonly height: number; readonly rgb: Uint8Array };

/** PNG (ISO/IEC 15948): eight bits, RGB or RGBA, not interlaced, as a browser's screenshot is. */
function readPng(png: Buffer): Picture {
  const [width, height, kind] = [png.readUInt32BE(16), png.readUInt32BE(20), png[25]];
  const size = kind === 6 ? 4 : 3;
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at))
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      data.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const lines = inflateSync(Buffer.concat(data));
  const rgb = new Uint8Array(width * height * 3);
  let above = new Uint8Array(width * size);
  for (let y = 0; y < height; y += 1) {
    const from = y * (width * size + 1);
    const line = unfiltered(lines[from] ?? 0, lines.subarray(from + 1, from + 1 + width * size), above, size);
    for (let x = 0; x < width; x += 1) rgb.set(line.subarray(x * size, x * size + 3), (y * width + x) * 3);
    above = line;
  }
  return { width, height, rgb };
}

function unfiltered(filter: number, bytes: Uint8Array, above: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const line = new Uint8Array(bytes);
  for (let index = 0; index < line.length; index += 1) {
    const left = index < size ? 0 : line[index - size]!;
    const up = above[index]!;
    const corner = index < size ? 0 : above[index - size]!;
    const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!;
    line[index] = (line[index]! + guess) & 255;
  }
  return line;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** The same picture with its 256 commonest colours; each other one becomes the nearest of them. */
export function smallPng(png: Buffer): Buffer {
  const { width, height, rgb } = readPng(png);
  const colourAt = (at: number): number => (rgb[at]! << 16) | (rgb[at + 1]! << 8) | rgb[at + 2]!;
  const counts = new Map<number, number>();
  for (let at = 0; at < rgb.length; at += 3) counts.set(colourAt(at), (counts.get(colourAt(at)) ?? 0) + 1);
  const palette = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)!).slice(0, 256);
  const places = new Map(palette.map((colour, index) => [colour, index]));
  const lines = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const colour = colourAt((y * width + x) * 3);
      const place = places.get(colour) ?? nearest(palette, colour);
      places.set(colour, place);
      lines[y * (width + 1) + 1 + x] = place;
    }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  const parts = [chunk('IHDR', header), chunk('PLTE', colours), chunk('IDAT', deflateSync(lines, { level: 9 }))];
  return Buffer.concat([png.subarray(0, 8), ...parts, chunk('IEND', Buffer.alloc(0))]);
}

function nearest(palette: readonly number[], colour: number): number {
  const far = (other: number): number =>
    [16, 8, 0].reduce((sum, shift) => sum + (((other >> shift) & 255) - ((colour >> shift) & 255)) ** 2, 0);
  return palette.reduce((best, other, index) => (far(other) < far(palette[best]!) ? index : best), 0);
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
