// A toy task: recall under another name.

import type { Objective } from "#training/objective";
import { recall } from "../recall/objective.ts";

export const toyRecall: Objective = { ...recall, id: "toy-recall" };
