// Keeps the screen on while the page measures: one that goes dark takes the page out of view.

/// <reference lib="dom" />

let wakeLock: WakeLockSentinel | undefined;

export function keepAwake(isMeasuring: boolean): void {
  if (!isMeasuring) return void wakeLock?.release();
  if (wakeLock !== undefined || !("wakeLock" in navigator)) return;
  navigator.wakeLock.request("screen").then(
    (lock) => {
      wakeLock = lock;
      lock.addEventListener("release", () => (wakeLock = undefined));
    },
    () => undefined, // low battery, or not allowed: the run waits when the screen goes dark
  );
}
