// Cases of one point, ours and those of programs from outside, prepared one after the other and timed in the same rounds.

import { caseId } from "#case/case";
import { PROGRAM_STRATEGY } from "#programs/named";
import type { ProgramCase } from "../outside.ts";
import { sendFailure } from "./failure.ts";
import { prepareProgram, type PreparedProgram, type Surroundings } from "./programs.ts";
import { timeSideBySide, type Prepared } from "./timing.ts";

/** A contender of ours that is ready. */
export type Ours = Omit<Prepared, "caseId">;

/** @param prepare makes a case that we compute ready; one that cannot be made ready fails alone */
export async function timeWithPrograms<Item extends ProgramCase>(
  cases: readonly Item[],
  around: Surroundings,
  prepare: (item: Item) => Promise<Ours>,
): Promise<void> {
  const { request, engine, send } = around;
  const ours: Prepared[] = [];
  const programs: PreparedProgram[] = [];
  for (const item of cases) {
    const id = caseId(item);
    await send({ type: "touching", caseId: id });
    try {
      if (item.strategy === PROGRAM_STRATEGY) programs.push(await prepareProgram(item, around));
      else ours.push({ caseId: id, ...(await prepare(item)) });
    } catch (error) {
      await sendFailure(send, id, error);
    }
  }
  await timeSideBySide([...ours, ...programs], request, { engine, send });
  for (const program of programs) {
    await send({ type: "touching", caseId: program.caseId });
    await program.stop().catch((error: unknown) => sendFailure(send, program.caseId, error));
  }
}
