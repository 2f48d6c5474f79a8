// A contender from outside the harness: a program in any language, told by a manifest (docs/contenders.md).

import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { DataError, describeError } from "#base/errors";
import { PASSES, PRECISIONS, operatorSpecSchema } from "#case/case";

export const MANIFEST_NAME = "contender.json";
/** Far above any manifest that a person writes. */
const MOST_BYTES = 2 ** 20;

export const CLASSES = ["reference", "idiomatic", "tuned"] as const;
export const DEVICES = ["cpu", "cuda"] as const;
/** operator: all tokens at once; decode: one more token after a context; train-step: one step of a whole model around the operator */
export const WORKLOADS = ["operator", "decode", "train-step"] as const;
export type Workload = (typeof WORKLOADS)[number];

const text = z.string().min(1).max(500);
const command = z.array(z.string().max(4000)).min(1).max(100);

/** The forms a program can compute: any of the listed values per field of the operator, and limits on shapes. */
export const formSchema = z.strictObject({
  /** fields of an operator spec that must be equal; a field that is left out must be absent from the case or its default */
  operator: operatorSpecSchema.describe("the operator, by the fields of a case's spec"),
  workloads: z
    .array(z.enum(WORKLOADS))
    .min(1)
    .default(["operator"])
    .describe(
      "operator: all tokens at once; decode: one more token after a context, forward; train-step: one training step of a model around the operator",
    ),
  tasks: z.array(text).min(1).optional().describe("train-step: the tasks whose models it trains; absent: any"),
  models: z.array(text).min(1).optional().describe("train-step: the models it trains, by their names; absent: any"),
  passes: z.array(z.enum(PASSES)).min(1).default(["forward"]),
  precisions: z.array(z.enum(PRECISIONS)).min(1).default(["float32"]),
  devices: z.array(z.enum(DEVICES)).min(1).default(["cpu"]),
  /** most tokens, and widths that the program takes; absent: any */
  mostTokens: z.int().positive().optional(),
  widths: z.array(z.int().positive()).min(1).optional().describe("values that D and E may have"),
  equalWidths: z.boolean().optional().describe("true: only D = E"),
});
export type Form = z.infer<typeof formSchema>;

export const manifestSchema = z.strictObject({
  $schema: z.string().optional(),
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
    .describe("small letters, digits and hyphens; unique within a run"),
  label: text.describe("the name in reports"),
  homepage: z.url().optional(),
  licence: text.optional(),
  version: z.union([text, z.strictObject({ command })]).describe("a text, or a command whose first line is it"),
  kind: z.literal("program"),
  class: z
    .enum(CLASSES)
    .describe(
      "reference: the plain formula; idiomatic: what a user of that library writes; tuned: a kernel made by hand",
    ),
  command: command.describe("{folder}, {cache}, {threads} and {device} are filled in"),
  env: z.record(z.string(), z.string()).default({}).describe("places are filled in as in the command"),
  files: z
    .array(text)
    .default([])
    .describe("files outside of its folder that it runs, from the folder: part of its identity"),
  setup: z
    .array(command)
    .default([])
    .describe("run by `contender setup` only, in order; what they make lies in {cache}"),
  setupNote: text.optional().describe("what the set-up needs and downloads"),
  operators: z.array(formSchema).min(1),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** A manifest with where it stands. */
export interface Program {
  readonly manifest: Manifest;
  /** of the manifest, absolute */
  readonly file: string;
  /** absolute; the program's working directory */
  readonly folder: string;
}

/**
 * Reads the manifest of a folder, or of the file itself.
 *
 * @throws {DataError} missing, no regular file, too large, no JSON, or not a manifest; names file, field and rule
 */
export function readProgram(path: string): Program {
  const given = resolve(path);
  const file = basename(given).endsWith(".json") ? given : join(given, MANIFEST_NAME);
  const parsed = manifestSchema.safeParse(readJson(file));
  if (parsed.success) return { manifest: parsed.data, file, folder: dirname(file) };
  const problems = parsed.error.issues
    .slice(0, 3)
    .map(({ path: at, message }) => `${at.join(".") || "it"}: ${message}`);
  throw new DataError(file, `is not the manifest of a contender: ${problems.join("; ")}`);
}

/** The JSON Schema of a manifest, for editors. */
export function manifestJsonSchema(): unknown {
  return z.toJSONSchema(manifestSchema, { io: "input" });
}

function readJson(file: string): unknown {
  try {
    const stats = statSync(file);
    if (!stats.isFile()) throw new DataError(file, "is no regular file");
    if (stats.size > MOST_BYTES)
      throw new DataError(file, `has ${stats.size} bytes; a manifest has at most ${MOST_BYTES}`);
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(file, `cannot be read (${describeError(error)}); see docs/contenders.md`, {}, { cause: error });
  }
}
