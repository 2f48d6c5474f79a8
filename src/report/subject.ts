// Which contender is LightNet in a comparison: the global form where tokens are seen all at once, else the causal one.

const SUBJECTS: readonly string[] = ["additive-global", "additive-causal"];

/** LightNet's entry among those of one experiment. */
export function subjectAmong<Entry>(
  entries: readonly Entry[],
  contenderOf: (entry: Entry) => string,
): Entry | undefined {
  for (const subject of SUBJECTS) {
    const found = entries.find((entry) => contenderOf(entry) === subject);
    if (found !== undefined) return found;
  }
  return undefined;
}
