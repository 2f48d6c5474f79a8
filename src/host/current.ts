// The host that this copy runs on. A bundle for another one replaces this file.

import type { Host } from "./host.ts";
import { nodeHost } from "./node/host.ts";

export const host: Host = nodeHost;
