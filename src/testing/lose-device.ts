// Code that a test puts before that of a page's worker: takes the GPU away in the middle of an atom, for real, by destroying the
// device. The harness knows nothing of it.

/** Submits of a device before it goes: its kernels are compiled then, and the contender is at work. */
const SUBMITS_BEFORE = 20;

/** @param process number of the atom's process that loses its device; it does as often as it is tried */
export function losingDevice(process: number): string {
  return `
let isLost = false;
addEventListener("message", ({ data: { request } }) => {
  isLost = request.type === "atom" && request.process === ${process};
});
const { requestDevice } = GPUAdapter.prototype;
GPUAdapter.prototype.requestDevice = async function (descriptor) {
  const device = await requestDevice.call(this, descriptor);
  if (!isLost) return device;
  const submit = device.queue.submit.bind(device.queue);
  let submits = 0;
  device.queue.submit = (commands) => {
    submit(commands);
    if (++submits === ${SUBMITS_BEFORE}) device.destroy();
  };
  return device;
};
`;
}
