// How a run names a contender from outside. Nothing here reads a file: parent, child and page share it.

import { z } from "zod";

/** The strategy of cases that a program computes. */
export const PROGRAM_STRATEGY = "program";

/** As it is handed to a child, which reads the manifest itself. */
export const givenProgramSchema = z.strictObject({
  /** within the run: the manifest's, or `name@folder` where it is given twice */
  name: z.string(),
  /** of the manifest */
  file: z.string(),
  digest: z.string(),
});
export type GivenProgram = z.infer<typeof givenProgramSchema>;

/** The contender of a case that a program computes: the program, and which of our contenders has that operator. */
export function contenderName({ name }: Pick<GivenProgram, "name">, of: string): string {
  return `${name}/${of}`;
}
