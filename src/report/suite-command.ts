// The command that makes a suite's records again, from what a run's manifest kept of its flags.

import type { Manifest } from "#store/record";

/** What the command line assumes anyway. */
const DEFAULTS: Readonly<Record<string, unknown>> = { engine: "auto", executor: "local", scale: "smoke" };

/** `npx lightnet-bench run recall --scale small --data-dir data`; several runs that differ in it give several commands. */
export function suiteCommand(suite: string, manifests: readonly Manifest[]): string {
  const commands = manifests
    .filter(({ suites }) => suites.includes(suite))
    .map(({ flags }) => ["npx lightnet-bench run", suite, ...flagsOf(flags)].join(" "));
  return [...new Set(commands.length === 0 ? [`npx lightnet-bench run ${suite}`] : commands)].join(" · ");
}

function flagsOf(flags: Manifest["flags"]): string[] {
  return Object.entries(flags).flatMap(([name, value]) => {
    if (value === false || value === DEFAULTS[name]) return [];
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === true) return [flag];
    const isTime = name.endsWith("Budget");
    return (Array.isArray(value) ? value : [value]).map((one) => `${flag} ${quoted(`${one}${isTime ? "s" : ""}`)}`);
  });
}

/** Safe to paste into a shell. */
function quoted(word: string): string {
  return /^[\w=.,:/+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
