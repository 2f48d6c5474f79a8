// Takes the place of ../current.ts in what a page loads (src/web/bundle.ts).

import type { Host } from "../host.ts";
import { pageHost } from "./host.ts";

export const host: Host = pageHost;
