// Answers at once: what the protocol costs per call is measured by it, beside every contender from outside.

import { createInterface } from "node:readline";

const say = (reply) => process.stdout.write(`lightnet-bench ${JSON.stringify(reply)}\n`);

const answers = {
  hello: () => say({ type: "hello", protocol: 1, name: "nothing", version: "1.0.0", device: "cpu" }),
  prepare: () => say({ type: "ready", strategy: "none" }),
  run({ repeats }) {
    const seconds = [];
    for (let i = 0; i < repeats; i++) {
      const start = process.hrtime.bigint();
      seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
    }
    say({ type: "ran", seconds });
  },
  memory: () => say({ type: "memory" }),
  release: () => say({ type: "released" }),
  bye: () => process.exit(0),
};

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  answers[request.type]?.(request);
}
