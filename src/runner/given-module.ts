// How a run names a file of code that defines contenders.

import { z } from "zod";

/** As it is handed to a child, which reads the file itself. */
export const givenModuleSchema = z.strictObject({ file: z.string(), digest: z.string() });
export type GivenModule = z.infer<typeof givenModuleSchema>;
