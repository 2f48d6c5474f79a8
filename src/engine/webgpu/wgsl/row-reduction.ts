// Maxima and sums over the 16 threads that share rows of a 64×64 tile: by shuffles inside of subgroups, the rest through workgroup
// memory. Without subgroups everything goes through memory.

/** Threads that share rows, neighbours in the workgroup. */
const THREADS_OF_ROWS = 16;

export interface RowReduction {
  /** WGSL of the threads' own vec4 variable, four rows; it holds the result of the subgroup afterwards */
  readonly own: string;
  /** variable that takes the results of all 16 threads, and holds where to begin */
  readonly into: string;
  readonly operator: "max" | "+";
  /** threads that a shuffle reaches: a power of two, 1 without subgroups */
  readonly lanes: number;
}

/** Needs `thread`, `y` = thread / 16 and `ofRows`, a vec4 for each thread, that nobody reads any more. All threads of the workgroup come by. */
export function reduceRows({ own, into, operator, lanes }: RowReduction): string {
  const combined = (a: string, b: string) => (operator === "max" ? `max(${a}, ${b})` : `${a} + ${b}`);
  const reach = Math.min(lanes, THREADS_OF_ROWS);
  const steps = Array.from(
    { length: Math.log2(reach) },
    (_, i) => `${own} = ${combined(own, `subgroupShuffleXor(${own}, ${2 ** i}u)`)};`,
  );
  if (reach === THREADS_OF_ROWS) return [...steps, `${into} = ${combined(into, own)};`].join("\n    ");
  return [
    ...steps,
    `ofRows[thread] = ${own};`,
    "workgroupBarrier();",
    `for (var j = 0; j < ${THREADS_OF_ROWS}; j += ${reach}) { ${into} = ${combined(into, `ofRows[y * ${THREADS_OF_ROWS} + j]`)}; }`,
  ].join("\n    ");
}
