/** One word of a printed command, so that a shell takes it as it is: in quotes where it holds anything that a shell would read (POSIX, XCU 2.2). */
export const shellWord = (text: string): string =>
  /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
