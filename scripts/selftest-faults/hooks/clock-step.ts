// Loaded before the harness (NODE_OPTIONS=--import): the wall clock steps by STEP_MS after AFTER_MS, as NTP or a
// suspended machine makes it.

const after = performance.now() + Number(process.env.AFTER_MS ?? 1000);
const step = Number(process.env.STEP_MS ?? 0);
const Original = Date;
const { now } = Original;
const shifted = () => now() + (performance.now() > after ? step : 0);

globalThis.Date = new Proxy(Original, {
  construct: (target, args: unknown[]) => (args.length === 0 ? new target(shifted()) : Reflect.construct(target, args)),
  get: (target, key) => (key === "now" ? shifted : Reflect.get(target, key)),
});
