import type { Command } from 'commander';
import { done } from '../kernel/index.ts';
import type { Finding } from './doors.ts';
import { doctorTexts as t } from './doctor.texts.ts';
import { table } from './layout.ts';
import { leaf } from './leaf.ts';
import type { Kit } from './leaf.ts';
import type { Run } from './session.ts';

export function doctorCommand(kit: Kit, program: Command): void {
  leaf(kit, program, 'doctor', t.about, doctor);
}

const marks = { ok: 'ok', warn: 'warn', fail: 'FAIL' } as const;

const doctor: Run = async (use) => {
  const findings = await use.doors.examine(use.config);
  const rows = (lang: 'zh' | 'en'): string[] =>
    table(
      findings.map((one) => [
        marks[one.state],
        t.names[one.name]?.[lang] ?? one.name,
        one.found[lang] + (one.wayOut ? `  -> ${one.wayOut[lang]}` : ''),
      ]),
    );
  const zh = rows('zh');
  const en = rows('en');
  const failed = findings.filter((one) => one.state === 'fail').length;
  const warned = findings.filter((one) => one.state === 'warn').length;
  const lines = [
    ...zh.map((line, index) => ({ zh: line, en: en[index] ?? '' })),
    t.sum(findings.length, warned, failed),
  ];
  const json = { failed, warned, findings: findings.map(jsonOf) };
  return done({ exit: failed > 0 ? 1 : 0, lines, json });
};

function jsonOf({ name, state, found, wayOut }: Finding): Record<string, unknown> {
  return { name, state, zh: found.zh, en: found.en, way_out: wayOut ?? null };
}
