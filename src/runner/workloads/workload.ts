// How a kind of case is measured in a child, and how it tells the parent.

import type { RunningEngine } from "#engine/engine";
import type { AtomRequest, Reply } from "../protocol.ts";

export type Send = (reply: Reply) => Promise<void>;

export type Workload = (request: AtomRequest, engine: RunningEngine, send: Send) => Promise<void>;
