// What NVIDIA GPUs are doing: clocks, temperature, and what holds the clocks down. Read beside every cell, because a
// GPU that is hot or capped is another device than the one measured a minute ago.

import { z } from "zod";
import { queryGpus } from "./nvidia-smi.ts";

export const gpuStateSchema = z.strictObject({
  smClockMegahertz: z.number().nonnegative().optional(),
  memoryClockMegahertz: z.number().nonnegative().optional(),
  temperatureCelsius: z.number().optional(),
  /** what the driver says holds the clocks down, `idle` included; absent where it does not say */
  clockLimits: z.array(z.string()).optional(),
});
/** One GPU; what its driver does not tell is absent. */
export type GpuState = z.infer<typeof gpuStateSchema>;

// Bits of nvmlClocksEventReasons in nvml.h (NVML API reference, group nvmlClocksEventReasons).
const CLOCK_LIMITS: readonly (readonly [bigint, string])[] = [
  [0x1n, "idle"],
  [0x2n, "applications clocks setting"],
  [0x4n, "power cap"],
  [0x8n, "hardware slowdown"],
  [0x10n, "sync boost"],
  [0x20n, "software thermal slowdown"],
  [0x40n, "hardware thermal slowdown"],
  [0x80n, "power brake"],
  [0x100n, "display clock setting"],
];
/** Limits under which a GPU is slower than it would be cool and fed. */
const THROTTLING: ReadonlySet<string> = new Set([
  "power cap",
  "hardware slowdown",
  "software thermal slowdown",
  "hardware thermal slowdown",
  "power brake",
]);

const FIELDS = ["clocks.sm", "clocks.mem", "temperature.gpu"];
// Drivers before 535 know the last field by its older name only.
const LIMIT_FIELDS = ["clocks_event_reasons.active", "clocks_throttle_reasons.active"];
let isMissing = false;

/** State of every NVIDIA GPU in the order of nvidia-smi; undefined where there is no nvidia-smi, or it fails. */
export function readGpuState(): GpuState[] | undefined {
  if (isMissing) return undefined;
  for (const limits of LIMIT_FIELDS) {
    const rows = queryGpus([...FIELDS, limits]);
    if (rows !== undefined) return rows.map(stateOf);
  }
  isMissing = true; // what fails twice would fail beside every cell
  return undefined;
}

/** State of a GPU from the fields of its row; `[N/A]` and the like become absent. */
export function stateOf([sm = "", memory = "", temperature = "", limits = ""]: readonly string[]): GpuState {
  return {
    ...numberField("smClockMegahertz", sm),
    ...numberField("memoryClockMegahertz", memory),
    ...numberField("temperatureCelsius", temperature),
    ...(/^0x[0-9a-f]+$/i.test(limits) ? { clockLimits: limitsOf(BigInt(limits)) } : {}),
  };
}

/** Whether power or heat holds a GPU's clocks down. */
export function isThrottled({ clockLimits = [] }: GpuState): boolean {
  return clockLimits.some((limit) => THROTTLING.has(limit));
}

function numberField(name: string, text: string): Record<string, number> {
  const value = Number(text);
  return text === "" || !Number.isFinite(value) || value < 0 ? {} : { [name]: value };
}

function limitsOf(mask: bigint): string[] {
  const known = CLOCK_LIMITS.filter(([bit]) => (mask & bit) !== 0n);
  const rest = known.reduce((left, [bit]) => left & ~bit, mask);
  return [...known.map(([, name]) => name), ...(rest === 0n ? [] : [`0x${rest.toString(16)}`])];
}
