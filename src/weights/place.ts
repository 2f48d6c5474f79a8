/** Where a mixer stands: its widths, the grid of its tokens, and which layer of how many it is. */
export interface MixerPlace {
  readonly width: number;
  readonly heads: number;
  readonly grid: readonly number[];
  readonly prefix: number;
  readonly layer: number;
  readonly depth: number;
}
