// What feeds the machine, where the browser tells: on battery processors clock lower.

/// <reference lib="dom" />

import { usePower } from "#host/page/facts";

/** Of https://www.w3.org/TR/battery-status/, which Chromium has and Firefox and Safari have not. */
interface Battery extends EventTarget {
  readonly charging: boolean;
}

/** Keeps what records say of it up to date from here on. */
export async function followPower(): Promise<void> {
  const asked = navigator as { getBattery?: () => Promise<Battery> };
  const battery = await asked.getBattery?.().catch(() => undefined); // not allowed here: nothing is known
  if (battery === undefined) return;
  const note = () => usePower(battery.charging ? "mains" : "battery");
  battery.addEventListener("chargingchange", note);
  note();
}
