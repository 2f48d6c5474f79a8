// Atom after atom in children of this process.

import type { Executor } from "./executor.ts";

export const runLocally: Executor = async ({ atoms, jobs, deadline, signal, run, keep }) => {
  const queue = [...atoms];
  const work = async () => {
    for (let atom = queue.shift(); atom !== undefined; atom = queue.shift()) {
      // A training may last for hours; stopped at the deadline it goes on from its checkpoint. Other atoms are short and end.
      const isTraining = atom.cases.some(({ kind }) => kind === "training");
      const stop = isTraining ? AbortSignal.any([signal, deadline]) : signal;
      const records = deadline.aborted || signal.aborted ? [] : await run(atom, stop);
      if (records.length === 0 || signal.aborted) {
        queue.unshift(atom);
        return;
      }
      await keep(atom, records);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return queue.length;
};
