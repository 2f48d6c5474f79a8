// Which fitted curve a case lies on.

import { seriesId } from "#evidence/cases";
import type { Growth } from "#evidence/growth";
import type { CaseView } from "./view.ts";

/** Whether a case is a point of a fitted curve. */
export function isSameSeries(growth: Growth, view: CaseView): boolean {
  return growth.series === seriesId(view.item);
}
