// What a page makes sure of before it measures: that it is the only one, and which browser it is in.

/// <reference lib="dom" />

import { host } from "#host/current";

const MACHINE_ID = "/machine-id.txt";

/** Made once for this browser: it tells runs of two machines apart and says nothing else. */
export function keptMachineId(): string {
  if (host.files.kind(MACHINE_ID) === undefined) {
    const bytes = crypto.getRandomValues(new Uint8Array(8));
    host.files.write(MACHINE_ID, [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(""));
  }
  return host.files.readText(MACHINE_ID, 100);
}

/** What one tab writes another would not see: the first one has the page to itself, until it is closed. */
export function onlyTab(): Promise<void> {
  if (!("locks" in navigator)) return Promise.resolve(); // no https and not localhost: browsers give no locks there
  return new Promise((resolve, reject) => {
    const hold = (lock: Lock | null): Promise<void> => {
      if (lock === null) {
        reject(
          new Error(
            "This page is open in another tab, which measures or may begin to. Close that tab, then load this one again.",
          ),
        );
        return Promise.resolve();
      }
      resolve();
      return new Promise(() => undefined); // for as long as the page lives
    };
    navigator.locks.request("lightnet-bench", { ifAvailable: true }, hold).catch(reject);
  });
}
