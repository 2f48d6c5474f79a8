// Preloaded by a test into the processes of a run (NODE_OPTIONS=--import): the wall clock jumps, as after a suspend or an NTP step.
//
//   CLOCK_STEP_AFTER   milliseconds after the start of the process
//   CLOCK_STEP         by so many milliseconds

const RealDate = globalThis.Date;
const start = performance.now();
const now = () =>
  RealDate.now() +
  (performance.now() - start > Number(process.env["CLOCK_STEP_AFTER"]) ? Number(process.env["CLOCK_STEP"]) : 0);

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(now());
    else super(...parts);
  }

  static now() {
    return now();
  }
};
