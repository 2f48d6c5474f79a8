// The unfinished part of a download, beside its target, and a note of where it came from, so that a later call, in
// another process too, goes on where this one stopped.

import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { z } from "zod";
import type { Bytes } from "#base/units";

const noteSchema = z.strictObject({
  url: z.string(),
  /** a strong ETag or a Last-Modified date: the server says with it whether the file is still the same */
  validator: z.string().optional(),
});
export type PartNote = z.infer<typeof noteSchema>;

export class PartFile {
  readonly path: string;
  readonly #notePath: string;

  constructor(target: string) {
    this.path = `${target}.part`;
    this.#notePath = `${target}.part.json`;
  }

  size(): Bytes {
    return existsSync(this.path) ? statSync(this.path).size : 0;
  }

  /** What is known of the part; nothing when there is none, or when its note cannot be understood. */
  note(): PartNote | undefined {
    if (this.size() === 0) return undefined;
    try {
      return noteSchema.parse(JSON.parse(readFileSync(this.#notePath, "utf8")));
    } catch {
      return undefined;
    }
  }

  /** Begins anew: whatever was there is gone. */
  begin(note: PartNote): void {
    this.discard();
    writeFileSync(this.#notePath, JSON.stringify(note));
  }

  forgetNote(): void {
    rmSync(this.#notePath, { force: true });
  }

  discard(): void {
    rmSync(this.path, { force: true });
    this.forgetNote();
  }
}
