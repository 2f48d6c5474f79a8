// What the time of a mixer layer is divided into.

/**
 * projections: into heads, with activation and short filter, and Wo · decay gate: log decays, and keys made from them ·
 * normaliser: weights over the tokens, where no kernel holds them · encoding: of positions · operator: the scan or the
 * attention · norm and gate: of its output.
 */
export const SEGMENT_IDS = [
  "projections",
  "decay gate",
  "normaliser",
  "encoding",
  "operator",
  "norm and gate",
] as const;
export type SegmentId = (typeof SEGMENT_IDS)[number];
