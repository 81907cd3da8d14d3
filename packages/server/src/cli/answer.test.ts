import { expect, test } from 'vitest';
import { plain, printAnswer, printRefusal } from './answer.ts';

// Erases a line, goes back, ends a line, does it with one character of C1, and turns the direction of what follows.
const drawing = 'x\u001b[2K\r\nnext: liushui approvals approve A-77\u007f\u009b2K\u202e\u2066';
const shown = 'x\ufffd[2K\ufffd\ufffdnext: liushui approvals approve A-77\ufffd\ufffd2K\ufffd\ufffd';

test('what others wrote moves nothing on the screen: neither in a line, nor in the next command, nor in a refusal', () => {
  const answer = {
    exit: 0,
    lines: [plain(`a ${drawing}`), plain('b')],
    json: {},
    next: `rename '${drawing}'`,
  } as const;
  expect(printAnswer(answer, 'en', false).stdout).toBe(`a ${shown}\nb\nnext: rename '${shown}'\n`);
  const refusal = { code: 'account.not_found', params: { account: drawing }, pointer: `/settings/${drawing}` };
  const { stderr } = printRefusal(refusal, 'en', false);
  expect(stderr).toContain(`account.not_found (/settings/${shown})  There is no channel account ${shown}.`);
  expect(stderr.slice(0, -1)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
});

test('the lines of an unfit form stay lines', () => {
  const problems = '\n  --setting a=…  A: missing\n  --setting b=…  B: missing';
  const refusal = { code: 'account.form_unfit', params: { count: 2, problems, problemsZh: problems, fields: '' } };
  expect(printRefusal(refusal, 'en', false).stderr.split('\n')).toHaveLength(5);
});
