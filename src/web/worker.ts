// A worker of a page does what the child process does in Node: one engine, one request, the same replies. It is started
// anew for each request. It has a WebAssembly memory and a GPU device of its own; the browser's process it may share.

import { describeError } from "#base/errors";
import { engineAvailability, startEngine } from "#engine/registry";
import { useAssets } from "#host/page/host";
import { requestSchema, type Reply, type Request } from "#runner/protocol";
import { measureAtom } from "#runner/workloads/atom";
import { checkItems } from "#runner/workloads/gate";
import { assetsAt, OWN_FILES } from "./assets.ts";

/** What the page sends once, before anything else. */
export interface WorkerStart {
  /** address of the folder with the page's files, ending with a slash */
  readonly base: string;
  readonly request: Request;
}

/** What the page gets: the replies of a child, and of a worker that could not go on the reason. */
export type WorkerReply = Reply | { readonly type: "ended"; readonly reason: string };

interface Scope {
  postMessage(reply: WorkerReply): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
}
const scope = globalThis as unknown as Scope;

const send = (reply: Reply): Promise<void> => Promise.resolve(scope.postMessage(reply));

async function answer({ base, request: given }: WorkerStart): Promise<void> {
  const request = requestSchema.parse(given);
  useAssets(await assetsAt(base, OWN_FILES));
  if (request.type === "probe") {
    const found = await engineAvailability(request.engine);
    await send(
      found.available ? { type: "available", device: found.device } : { type: "unavailable", reason: found.reason },
    );
    return;
  }
  const engine = await startEngine(request.engine);
  if (request.type === "atom") await measureAtom(request, engine, send);
  else for await (const result of checkItems(request.items, engine)) await send({ type: "checked", result });
  await engine.stop();
}

scope.addEventListener("message", ({ data }) => {
  answer(data as WorkerStart).then(
    () => send({ type: "done" }),
    (error: unknown) => scope.postMessage({ type: "ended", reason: describeError(error) }),
  );
});
