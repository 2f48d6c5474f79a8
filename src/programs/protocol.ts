// What the harness and a program say to each other, version 1 (docs/contenders.md): a JSON line per request on the
// program's standard input, a line that begins with `lightnet-bench ` per reply on its standard output.

import { z } from "zod";

export const PROTOCOL = 1;
export const REPLY_PREFIX = "lightnet-bench ";
/** A longer line is no reply. */
export const LONGEST_LINE = 2 ** 20;

const seconds = z.number().nonnegative();
const label = z.string().max(500);

export const repliesSchema = {
  hello: z.looseObject({
    type: z.literal("hello"),
    protocol: z.literal(PROTOCOL),
    name: label,
    version: label,
    device: label,
    libraries: z.record(label, label).default({}),
  }),
  ready: z.discriminatedUnion("type", [
    z.looseObject({ type: z.literal("ready"), strategy: label.default("own") }),
    z.looseObject({ type: z.literal("unsupported"), reason: label }),
  ]),
  ran: z.looseObject({
    type: z.literal("ran"),
    /** of each repeat, by the program's own clock, the device synchronised */
    seconds: z.array(seconds).min(1),
    deviceSeconds: z.array(seconds).optional(),
  }),
  fetched: z.looseObject({ type: z.literal("fetched") }),
  memory: z.looseObject({ type: z.literal("memory"), devicePeakBytes: z.number().nonnegative().optional() }),
  released: z.looseObject({ type: z.literal("released") }),
} as const;

export type Hello = z.infer<typeof repliesSchema.hello>;
export type Ran = z.infer<typeof repliesSchema.ran>;

/** A reply that says what went wrong inside the program; any request may be answered so. */
export const errorSchema = z.looseObject({ type: z.literal("error"), message: z.string().max(4000) });
