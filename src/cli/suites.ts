// The suites by name. The only door from src/ to suites/.

import { Registry } from "#base/registry";
import type { Suite } from "#case/suite";
import { allSuites } from "../../suites/index.ts";

export const suites = new Registry<Suite>("suite", allSuites);
