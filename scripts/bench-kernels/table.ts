// Rows of the bench as numbers and as a table.

export const CONTENDERS = ["ours", "stock", "torch, 1 thread", "torch, 2 threads"] as const;
export type Contender = (typeof CONTENDERS)[number];

/** Seconds a call by round; a round without a value for a contender has none at its place. */
export interface Row {
  readonly work: string;
  readonly flops: number;
  readonly samples: { readonly [Name in Contender]?: readonly (number | null)[] };
  /** why a contender has no samples */
  readonly missing: { readonly [Name in Contender]?: string };
}

export interface RowSummary {
  readonly work: string;
  readonly oursMs: number;
  readonly gflops: number;
  /** of the peak measured in the same run */
  readonly peakShare: number;
  /** median over rounds of other / ours: above 1 ours is faster */
  readonly speedup: { readonly [Name in Contender]?: number };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Medians of a row; ratios are taken within a round, so that what slows both leaves them alone. */
export function summarise({ work, flops, samples }: Row, peakFlops: number): RowSummary {
  const ours = samples.ours ?? [];
  const seconds = median(ours.filter((value) => value !== null));
  const speedup: Partial<Record<Contender, number>> = {};
  for (const name of CONTENDERS.slice(1)) {
    const ratios = (samples[name] ?? []).flatMap((other, round) => {
      const own = ours[round];
      return other === null || own === null || own === undefined ? [] : [other / own];
    });
    if (ratios.length > 0) speedup[name] = median(ratios);
  }
  return {
    work,
    oursMs: 1000 * seconds,
    gflops: flops / seconds / 1e9,
    peakShare: flops / seconds / peakFlops,
    speedup,
  };
}

/** A Markdown table, one row a work. */
export function tableOf(summaries: readonly RowSummary[]): string {
  const head = ["work", "ours", "GFLOP/s", "of peak", ...CONTENDERS.slice(1).map((name) => `× ${name}`)];
  const lines = summaries.map(({ work, oursMs, gflops, peakShare, speedup }) => [
    work,
    `${oursMs.toPrecision(3)} ms`,
    gflops.toFixed(1),
    `${(100 * peakShare).toFixed(0)} %`,
    ...CONTENDERS.slice(1).map((name) => speedup[name]?.toPrecision(3) ?? "–"),
  ]);
  return [head, head.map((_, i) => (i === 0 ? "---" : "---:")), ...lines]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
