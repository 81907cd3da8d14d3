/**
 * Explanations of FAIL that prove the opposite: customs has this record already, in a state that is no refusal (GACC error table, -401007: a payment
 * document with this number exists).
 */
export const presentWords: readonly RegExp[] = [/已存在.{0,12}非退单/u, /-401007|-401008/];
