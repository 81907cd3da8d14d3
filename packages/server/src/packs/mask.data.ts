/** How texts of customs and channels name people. Collected from public samples, so data and not code. */

/** Family names of two letters; the first letter of any other name is the family's. Source: common Chinese compound surnames. */
const compound = '欧阳|司马|上官|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|司徒|夏侯|南宫';
const label =
  '(?:订购人|支付人|付款人|收件人|收货人|申报人|买家|买方|持卡人|姓名|名称为|buyer|payer|orderer|consignee|holder|real[ _]?name|name)';
const between = '(?:的?姓名|名称|证件号码?|身份证号?码?|[ _]?name)?\\s*(?:为|是|[:：=\\[【(（"“]|\\s)\\s*[\\[【(（"“]?';
const han = '[\\u3400-\\u4dbf\\u4e00-\\u9fff]';

export const labelledHan = new RegExp(`(${label}${between})((?:${compound})?${han}(?:[·・]?${han}){1,11})`, 'gi');
export const labelledLatin = new RegExp(
  `(${label}${between})([A-Za-z][A-Za-z'’.-]*)((?:\\s+[A-Za-z][A-Za-z'’.-]*){1,4})`,
  'g',
);
export const familyOf = new RegExp(`^(?:${compound})|^.`, 'u');

/** What follows a label and is no name: receipts are free text. */
export const notNames = /^(?:与|和|及|不|信息|证件|身份|已|未|超|年度|额度|个人|必须|应当|在|有|无)/;

/** Behind its label a number is somebody's, also with a wrong check letter: refusals quote exactly those. */
export const labelledNo =
  /((?:身份证|证件|\bid)(?:号码|号|[ _]?(?:no|number|card))?[^0-9A-Za-z]{0,6})(\d{11,17}[\dXx])/gi;
