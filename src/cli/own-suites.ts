// Suites from files: `--suite`.

import { z } from "zod";
import { UsageError } from "#base/errors";
import { CASE_KINDS, SCALES } from "#case/case";
import type { Suite } from "#case/suite";
import { loadModule } from "#runner/modules";

const suiteSchema = z.looseObject({
  id: z.string().regex(/^[A-Za-z0-9][\w.-]{0,79}$/),
  title: z.string(),
  question: z.string(),
  kind: z.enum(CASE_KINDS),
  processes: z.record(z.enum(SCALES), z.int().min(1).max(1000)),
  figures: z.array(z.looseObject({ id: z.string(), x: z.string(), y: z.string() })),
  cases: z.custom<Suite["cases"]>((value) => typeof value === "function"),
});

/** @throws {UsageError} no such file, or it exports no suite */
export async function readSuites(files: readonly string[] = []): Promise<Suite[]> {
  const suites: Suite[] = [];
  for (const file of files) {
    const { exported } = await loadModule(file);
    const found = exported.filter((value) => suiteSchema.safeParse(value).success) as Suite[];
    if (found.length === 0) throw new UsageError(`--suite ${file} exports no suite: ${whatIsWrong(exported)}.`);
    suites.push(...found);
  }
  return suites;
}

function whatIsWrong(exported: readonly unknown[]): string {
  const nearest = exported.find((value) => typeof value === "object" && value !== null && "cases" in value);
  const issue = suiteSchema.safeParse(nearest).error?.issues[0];
  if (nearest === undefined || issue === undefined) return "export what defineSuite of lightnet-bench returns";
  return `${issue.path.join(".")}: ${issue.message}`;
}
