// What a browser tells of itself and of the machine, and how fine its clock is.

import type { Seconds } from "#base/units";
import type { MachineFacts, PageFacts } from "../host.ts";

/** The part of a browser's globals that is used here: the compiler is told of Node's only. */
interface Browser {
  readonly navigator: {
    readonly userAgent: string;
    readonly platform?: string;
    readonly hardwareConcurrency: number;
    readonly userAgentData?: {
      readonly platform: string;
      readonly brands: readonly { readonly brand: string; readonly version: string }[];
    };
  };
  readonly crossOriginIsolated?: boolean;
  /** a worker has none */
  readonly document?: { readonly visibilityState: "visible" | "hidden" };
}

const browser = globalThis as unknown as Browser;

/** Browsers do not say which processor there is. */
export const UNNAMED = "processor without a name";

export const userAgent = browser.navigator.userAgent;
export const cores = browser.navigator.hardwareConcurrency;

let machineId: string | undefined;

/** A random name that this browser has kept: two machines look alike to a page. */
export function useMachineId(id: string): void {
  machineId = id;
}

let power: PageFacts["power"];

/** What feeds the machine now: a page can ask, and does not get to know it at once. */
export function usePower(now: PageFacts["power"]): void {
  power = now;
}

export function machineFacts(): MachineFacts {
  const { navigator, crossOriginIsolated = false, document } = browser;
  return {
    ...(machineId === undefined ? {} : { host: machineId }),
    platform: navigator.userAgentData?.platform || navigator.platform || "not told by the browser",
    cpu: UNNAMED,
    cores,
    browser: browserName(),
    page: {
      isolated: crossOriginIsolated,
      clockResolutionSeconds: clockResolution(),
      visibility: document?.visibilityState ?? "visible",
      ...(power === undefined ? {} : { power }),
    },
  };
}

/** Products by their tokens in the user agent; those that others imitate come last. */
const PRODUCTS = [
  ["Firefox", /Firefox\/([\d.]+)/],
  ["Edge", /Edg\/([\d.]+)/],
  ["Opera", /OPR\/([\d.]+)/],
  ["Chrome", /(?:Headless)?Chrome\/([\d.]+)/],
  ["Safari", /Version\/([\d.]+).*Safari/],
] as const;

function browserName(): { name: string; version: string } {
  for (const [name, pattern] of PRODUCTS) {
    const version = pattern.exec(userAgent)?.[1];
    if (version !== undefined) return { name, version };
  }
  return { name: "unknown browser", version: userAgent.slice(0, 100) };
}

const STEPS = 20;
let resolution: Seconds | undefined;

/** The smallest step of the clock that was seen, to one digit; browsers make it coarser than the machine's own. */
export function clockResolution(): Seconds {
  if (resolution !== undefined) return resolution;
  let smallest = Infinity;
  for (let step = 0, before = performance.now(); step < STEPS;) {
    const now = performance.now();
    if (now === before) continue;
    smallest = Math.min(smallest, now - before);
    before = now;
    step++;
  }
  resolution = Number((smallest / 1000).toPrecision(1));
  return resolution;
}
