// What sets results of one name apart, for texts that have only the name.

import type { Result } from "#evidence/result";
import { AXIS_TITLES } from "./axis-titles.ts";

/** Axes that follow from others or say nothing of what was asked. */
const UNSAID: ReadonlySet<string> = new Set(["seed", "stateBytes"]);

/**
 * What tells a result from others of its name, where a suite trains one model in several ways: `learning rate 0.0032`.
 *
 * @param except axes that are named already
 */
export function apartBy({ axes }: Result, twins: readonly Result[], ...except: readonly string[]): string[] {
  const names = [...new Set(twins.flatMap((twin) => Object.keys(twin.axes)))].filter(
    (name) => !UNSAID.has(name) && !except.includes(name),
  );
  const differing = names.filter((name) => new Set(twins.map((twin) => twin.axes[name])).size > 1);
  return differing.map((name) => `${AXIS_TITLES[name] ?? name} ${axes[name] ?? "none"}`);
}
