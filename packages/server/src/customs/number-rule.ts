import type { Instant } from '../kernel/index.ts';

/** Which number customs gets to know, per account and place (architecture rule 11). */
export type NumberRule = 'serial' | 'child';

export type ChosenRule = {
  readonly accountId: string;
  readonly place: string;
  readonly rule: NumberRule;
  readonly validFrom: Instant;
};

export type NumberedOrder = {
  readonly isSplit: boolean;
  /** Empty: not split. */
  readonly childOrderNo: string;
  readonly orderNo: string;
  /** The number that was paid with: our payment serial number; of an adopted payment, the number its own system paid with. */
  readonly serial: string;
};

/** What the channel is told, and what customs will know the order by. */
export type CustomsNumber = {
  readonly customsOrderNo: string;
  /** Declared as split: the channel then pushes the child number instead of the number that was paid with. */
  readonly asSplit: boolean;
};

/**
 * A channel pushes the child number of a split declaration, else the number that was paid with (Alipay acquire.customs document:
 * sub_out_biz_no or out_trade_no). So `serial` has the shop use the paid number in its order document, and `child` declares as split
 * with the shop's own order number. What is split already keeps its child number.
 */
export function customsOrderNoOf(rule: NumberRule, order: NumberedOrder): CustomsNumber {
  if (order.isSplit) return { customsOrderNo: order.childOrderNo, asSplit: true };
  return rule === 'child'
    ? { customsOrderNo: order.orderNo, asSplit: true }
    : { customsOrderNo: order.serial, asSplit: false };
}

export type NumberedDeclaration = {
  readonly numberRule: 'adopted' | NumberRule;
  readonly customsOrderNo: string;
  readonly isSplit: boolean;
  readonly childOrderNo: string;
};

/** How a declaration is split on the wire: by its own child order, or because its rule is `child`. */
export function splitOf(declaration: NumberedDeclaration): {
  readonly isSplit: boolean;
  readonly childOrderNo: string;
} {
  const { numberRule, customsOrderNo, isSplit, childOrderNo } = declaration;
  return numberRule === 'child' && !isSplit
    ? { isSplit: true, childOrderNo: customsOrderNo }
    : { isSplit, childOrderNo };
}
