// One attempt to break the harness, and the file that keeps what came of each. A trial is named by its section and number:
// a self-test that was cut off goes on with those that are missing.

import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Trial {
  /** such as "kill measuring" or "reader records" */
  readonly section: string;
  readonly index: number;
  /** what was done, in a few words */
  readonly what: string;
  /** of the code that was tried */
  readonly commit: string;
  /** absent where the harness behaved */
  readonly problem?: string;
  /** largest memory of the process that read, in bytes */
  readonly peakBytes?: number;
  /** processor time that one reading took */
  readonly seconds?: number;
}

export class Ledger {
  readonly #path: string;
  readonly #commit: string;
  readonly #trials = new Map<string, Trial>();

  /** @param commit of the code that is tried from now on */
  constructor(folder: string, commit: string) {
    mkdirSync(folder, { recursive: true });
    this.#commit = commit;
    this.#path = join(folder, "trials.jsonl");
    if (!existsSync(this.#path)) return;
    const lines = readFileSync(this.#path, "utf8").split("\n").slice(0, -1);
    for (const line of lines) this.#keep(JSON.parse(line) as Trial);
  }

  #keep(trial: Trial): void {
    this.#trials.set(`${trial.section} ${trial.index}`, trial);
  }

  has(section: string, index: number): boolean {
    return this.#trials.has(`${section} ${index}`);
  }

  add(made: Omit<Trial, "commit">): void {
    const trial = { ...made, commit: this.#commit };
    this.#keep(trial);
    appendFileSync(this.#path, `${JSON.stringify(trial)}\n`);
    const verdict = trial.problem === undefined ? "ok" : `PROBLEM: ${trial.problem}`;
    if (trial.problem !== undefined || trial.index % 25 === 0)
      process.stderr.write(`${trial.section} ${trial.index}, ${trial.what}: ${verdict}\n`);
  }

  all(): readonly Trial[] {
    return [...this.#trials.values()];
  }
}
