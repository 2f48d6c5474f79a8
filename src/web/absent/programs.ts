// Takes the place of runner/workloads/programs.ts in what a page loads: a page starts no programs.

import { EnvironmentError } from "#base/errors";
import type { memoryOfProgram as memory, prepareProgram as prepare } from "#runner/workloads/programs";

const refused = () => Promise.reject(new EnvironmentError("a page cannot start programs: run this contender in Node"));

export const prepareProgram: typeof prepare = refused;
export const memoryOfProgram: typeof memory = refused;
