// A published number: what it is, in which setting, and where it was read. A number that could not be
// found has kind `absent` and no value; nothing in this project may give it one.

import { z } from "zod";

/** primary: the method's own paper or repository · secondary: quoted elsewhere · absent: not found · user-supplied: imported by someone who has the paper. */
export const VALUE_KINDS = ["primary", "secondary", "absent", "user-supplied"] as const;

export const TABLE_IDS = [
  "image-classification",
  "image-generation",
  "bidirectional-lm",
  "autoregressive-lm",
  "scan-speed",
  "ablations",
] as const;
export type TableId = (typeof TABLE_IDS)[number];

/** A plain decimal number, kept as printed: `79.20` says more than 79.2. */
export const printedNumber = z.string().regex(/^\d+(\.\d+)?$/, "a plain decimal number such as 79.20");

const common = {
  table: z.enum(TABLE_IDS),
  model: z.string().min(1),
  metric: z.string().min(1),
  /** `%`, or empty for a plain number */
  unit: z.string(),
  /** millions of parameters, as printed */
  parametersMillions: printedNumber.optional(),
  /** data set, resolution, training budget */
  setting: z.string().min(1),
};

export const publishedValueSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    ...common,
    kind: z.enum(["primary", "secondary", "user-supplied"]),
    value: printedNumber,
    /** ± as printed */
    spread: printedNumber.optional(),
    source: z.string().min(1),
  }),
  z.strictObject({ ...common, kind: z.literal("absent") }),
]);

export type PublishedValue = z.infer<typeof publishedValueSchema>;
export type KnownValue = Exclude<PublishedValue, { kind: "absent" }>;

/** Whether a value was read where nobody answers for it; the list marks such sources, and no table prints them. */
export function isWeak(value: PublishedValue): boolean {
  return value.kind !== "absent" && value.source.endsWith("(weak)");
}

/** Whether two values fill the same cell: same table, model, metric and setting. */
export function isSameCell(a: PublishedValue, b: PublishedValue): boolean {
  return a.table === b.table && a.model === b.model && a.metric === b.metric && a.setting === b.setting;
}
