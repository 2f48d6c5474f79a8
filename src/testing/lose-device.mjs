// Preloaded by a test into the processes of a run (NODE_OPTIONS=--import): takes the GPU away from one child, for real, by destroying its
// device in the middle of its work. The harness knows nothing of it.
//
//   LOSE_DEVICE_RECORDS   records.jsonl of the run: the first child that starts after its first finished cell loses its device
//   LOSE_DEVICE_MARK      folder that this makes when it happens, so that it happens once

import { existsSync, mkdirSync, readFileSync } from "node:fs";

const SUBMITS_BEFORE = 20;
const records = process.env["LOSE_DEVICE_RECORDS"];
const mark = process.env["LOSE_DEVICE_MARK"];

if (
  process.argv[1]?.endsWith("child.js") &&
  existsSync(records) &&
  readFileSync(records, "utf8").includes('"final":true') &&
  !existsSync(mark)
) {
  const { globals } = await import("webgpu");
  const { requestDevice } = globals.GPUAdapter.prototype;
  globals.GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await requestDevice.call(this, descriptor);
    const { queue } = device;
    const submit = queue.submit.bind(queue);
    let submits = 0;
    queue.submit = (commands) => {
      submit(commands);
      if (++submits !== SUBMITS_BEFORE) return;
      mkdirSync(mark);
      device.destroy();
    };
    return device;
  };
}
