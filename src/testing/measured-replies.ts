// What a child says while it measures an atom, without the child: for tests of workloads.

import type { RunningEngine } from "#engine/engine";
import type { AtomRequest, Reply } from "#runner/protocol";
import { measureAtom } from "#runner/workloads/atom";

type Asked = Pick<AtomRequest, "cases" | "programs"> & Partial<Pick<AtomRequest, "contenderBudget">>;

/** Measures cases of engine wasm in this process, each contender for 0.1 s by default. */
export async function measuredReplies(
  { cases, programs, contenderBudget = 0.1 }: Asked,
  engine: RunningEngine,
): Promise<readonly Reply[]> {
  const replies: Reply[] = [];
  const request = {
    type: "atom",
    engine: "wasm",
    cases,
    programs,
    process: 0,
    contenderBudget,
    memoryLimit: 1.5e9,
    training: {},
    modules: [] as never[],
  } as const;
  await measureAtom(request, engine, (reply) => Promise.resolve(void replies.push(reply)));
  return replies;
}
