// The child process: one engine, one request, then the end. Whatever happens here becomes a record there.

import { getOneMessage, sendMessage } from "execa";
import { defined } from "#base/defined";
import { describeError } from "#base/errors";
import { engineAvailability, startEngine } from "#engine/registry";
import { endWithParent } from "./parent-watch.ts";
import { requestSchema, type Reply, type Request } from "./protocol.ts";

process.on("SIGINT", () => undefined); // the parent decides when to stop
process.on("disconnect", () => process.exit(1)); // the parent is gone
await endWithParent(Number(process.argv[2]));

const send = (reply: Reply) => sendMessage(reply as never);

async function answer(request: Request): Promise<void> {
  const { gpuAdapter, threads } = request;
  const options = defined({ gpuAdapter, threads, sharesAll: request.type === "gate" });
  if (request.type === "probe") {
    const report = await engineAvailability(request.engine, options);
    await send(
      report.available ? { type: "available", device: report.device } : { type: "unavailable", reason: report.reason },
    );
    return;
  }
  const engine = await startEngine(request.engine, options);
  if (request.modules.length > 0) {
    const { addGivenModules } = await import("./module-contenders.ts");
    await addGivenModules(request.modules);
  }
  if (request.type === "gate") {
    const { checkItems } = await import("./workloads/gate.ts");
    const { items } = request;
    for await (const result of checkItems(items, engine)) await send({ type: "checked", result });
  } else {
    const { measureAtom } = await import("./workloads/atom.ts");
    await measureAtom(request, engine, send);
  }
  await engine.stop();
}

try {
  await answer(requestSchema.parse(await getOneMessage()));
  await send({ type: "done" });
  process.exit(0);
} catch (error) {
  if (error instanceof Error) console.error(error.stack);
  console.error(describeError(error)); // the parent takes the last line for the reason
  process.exit(1);
}
