import { assert } from './assert.ts';
import type { Brand, Instant } from './brand.ts';
import { shanghaiDate } from './time.ts';

/** 20 digits: `yymmdd` (Asia/Shanghai) epoch(2) bucket(3) sequence(8) check(1). Architecture rule 9. */
export type SerialNo = Brand<string, 'SerialNo'>;

/** ISO 7064 MOD 11,10: the check digit behind a string of decimal digits. */
export function checkDigit(digits: string): string {
  let product = 10;
  for (const character of digits) {
    const sum = (Number(character) + product) % 10 || 10;
    product = (2 * sum) % 11;
  }
  return String((11 - product) % 10);
}

export function composeSerialNo(at: Instant, epoch: number, bucket: number, sequence: number): SerialNo {
  assert(Number.isInteger(epoch) && epoch >= 0 && epoch <= 99, `epoch ${epoch} is outside 0..99`);
  assert(Number.isInteger(bucket) && bucket >= 0 && bucket <= 999, `bucket ${bucket} is outside 0..999`);
  assert(Number.isInteger(sequence) && sequence >= 0 && sequence <= 99_999_999, `sequence ${sequence} is used up`);
  const day = shanghaiDate(at).replaceAll('-', '').slice(2);
  const body =
    day + String(epoch).padStart(2, '0') + String(bucket).padStart(3, '0') + String(sequence).padStart(8, '0');
  return (body + checkDigit(body)) as SerialNo;
}

/** True when the text has the form of a serial number and its check digit fits. */
export function isSerialNo(text: string): text is SerialNo {
  return /^\d{20}$/.test(text) && checkDigit(text.slice(0, 19)) === text.slice(19);
}

export function bucketOfSerialNo(serialNo: SerialNo): number {
  return Number(serialNo.slice(8, 11));
}
