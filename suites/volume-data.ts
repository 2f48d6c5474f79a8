// Which volumes a suite asks: real digits where MNIST is here, else procedural shapes.

import type { SuiteContext } from "#case/suite";

/** Smoke: the small procedural volumes. Beyond: moving digits, else moving shapes. */
export function volumesOf({ scale, datasets }: SuiteContext, asked: "class" | "direction"): readonly string[] {
  const [digits, shapes] = [`moving-digits-${asked}`, `moving-shapes-${asked}`];
  if (scale === "smoke") return [shapes];
  return scale === "paper" || datasets.includes(digits) ? [digits] : [shapes];
}
