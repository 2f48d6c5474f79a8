// Steps that are done once: each leaves a stamp with its result, so that an interrupted set-up goes on where it stopped.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";

export interface Step<T> {
  readonly id: string;
  readonly title: string;
  readonly result: z.ZodType<T>;
  readonly run: () => Promise<T>;
}

export class Steps {
  readonly #folder: string;
  readonly #say: (line: string) => void;

  constructor(folder: string, say: (line: string) => void) {
    this.#folder = join(folder, "steps");
    this.#say = say;
    mkdirSync(this.#folder, { recursive: true });
  }

  /** The result of a step: from its stamp, or by doing it now. */
  async do<T>({ id, title, result, run }: Step<T>): Promise<T> {
    const stamp = join(this.#folder, `${id}.json`);
    const known = readStamp(stamp, result);
    if (known !== undefined) return known;
    const start = performance.now();
    this.#say(`${title} …`);
    const value = await run();
    writeWhole(stamp, JSON.stringify(value));
    this.#say(`${title}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
    return value;
  }

  /** Makes steps be done again. */
  forget(...ids: readonly string[]): void {
    for (const id of ids) rmSync(join(this.#folder, `${id}.json`), { force: true });
  }
}

function readStamp<T>(path: string, schema: z.ZodType<T>): T | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return undefined; // of an older script: the step is done again
  }
}

/** Writes a file that is there whole or not at all. */
export function writeWhole(path: string, content: string): void {
  writeFileSync(`${path}.partial`, content);
  renameSync(`${path}.partial`, path);
}
