// Numbers and texts within sane bounds: a case may come from a file, and everything after it trusts its schema.

import { z } from "zod";

/** Names of contenders, suites, data sets, sizes: one line of Unicode. */
export const nameSchema = z
  .string()
  .min(1)
  .max(200)
  .refine((text) => text.isWellFormed(), "half of a surrogate pair is no Unicode text")
  .refine((text) => !/\p{Cc}/u.test(text), "a name has no control characters");

const LARGEST_COUNT = 2 ** 40;

/** A size or a number of things, from 1. */
export const countSchema = z.int().min(1).max(LARGEST_COUNT);
/** A number of things that may be none. */
export const tallySchema = z.int().min(0).max(LARGEST_COUNT);
/** A rate, a factor, a temperature: float32 holds it and its square. */
export const positiveSchema = z.number().positive().max(1e15);
export const nonNegativeSchema = z.number().nonnegative().max(1e15);
export const shareSchema = z.number().min(0).max(1);
export const seedSchema = z
  .int()
  .min(-(2 ** 31))
  .max(2 ** 32 - 1);
