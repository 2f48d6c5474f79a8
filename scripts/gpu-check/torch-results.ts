// What pytorch.py writes, and which of its rows stand beside a case of ours.

import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import type { OperatorCase } from "#case/case";

const rowSchema = z.object({
  form: z.string(),
  /** B, H, N, D */
  shape: z.tuple([z.number(), z.number(), z.number(), z.number()]),
  dtype: z.string(),
  pass: z.string(),
  seconds: z.array(z.number().positive()).min(1).optional(),
  error: z.string().optional(),
  skipped: z.string().optional(),
});
const resultsSchema = z.object({ torch: z.string(), device: z.string(), rows: z.array(rowSchema) });
export type TorchRow = z.infer<typeof rowSchema>;
export type TorchResults = z.infer<typeof resultsSchema>;

/** Forms of pytorch.py by contender. */
const FORMS: Readonly<Record<string, readonly string[]>> = {
  "additive-global": ["additive-global"],
  "softmax-full": ["softmax-eager", "softmax-sdpa"],
};

/** Undefined where PyTorch was not here. @throws {ZodError} the file is not one of pytorch.py's */
export function readTorchResults(path: string): TorchResults | undefined {
  return existsSync(path) ? resultsSchema.parse(JSON.parse(readFileSync(path, "utf8"))) : undefined;
}

/** The same form, shape and pass; ours stored as float16 beside theirs of that size only. */
export function rowsLike(
  { rows }: TorchResults,
  { contender, pass, precision, shape: { B, H, N, D } }: OperatorCase,
): TorchRow[] {
  const wanted = [B, H, N, D];
  const isLike = (row: TorchRow) =>
    row.shape.every((size, axis) => size === wanted[axis]) && (pass === "forward") === (row.pass === "forward");
  return rows.filter(
    (row) =>
      FORMS[contender]?.includes(row.form) === true &&
      isLike(row) &&
      (precision === "float32" || row.dtype !== "torch.float32"),
  );
}
