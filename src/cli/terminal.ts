// What a person sees while a run goes on: a bar with the time left on a terminal, a plain line for each finished
// cell elsewhere. All of it on stderr; data goes to stdout.

import { SingleBar } from "cli-progress";
import { formatSeconds } from "#base/units";
import { visible } from "#base/visible";
import { axesOf } from "#catalogue/axes";
import { floorText, missesFloor } from "#store/floor";
import type { RunRecord } from "#store/record";
import type { ExecutionEvents } from "#runner/execute";
import type { Atom } from "#runner/plan";

export interface Verbosity {
  readonly quiet: boolean;
  readonly verbose: boolean;
}

const REDRAWS_PER_SECOND = 5;

export interface Display extends ExecutionEvents {
  /** Leaves the terminal as it was. */
  end(): void;
}

/** Events of a run made visible. */
export function createDisplay({ quiet, verbose }: Verbosity): Display {
  if (quiet) return { onStage: nothing, onProgress: nothing, onAtom: nothing, end: nothing };
  return process.stderr.isTTY && !verbose ? barDisplay() : lineDisplay(verbose);
}

function nothing(): void {
  // quiet
}

function barDisplay(): Display {
  const colour =
    process.env.NO_COLOR === undefined ? (text: string) => `\u001B[36m${text}\u001B[39m` : (text: string) => text;
  const bar = new SingleBar({
    stream: process.stderr,
    fps: REDRAWS_PER_SECOND,
    etaBuffer: 20,
    hideCursor: true,
    format: `${colour("{bar}")} {value}/{total} · {elapsed} · {left} left · {now}`,
    formatTime: String,
  });
  const started = Date.now();
  let isStarted = false;
  return {
    onStage: (text) => console.error(text),
    onProgress: (text) => bar.update({ now: visible(text) }),
    onAtom: (atom, _records, { done, total }) => {
      const elapsed = (Date.now() - started) / 1000;
      const payload = {
        elapsed: formatSeconds(elapsed, 2),
        left: formatSeconds((elapsed / done) * (total - done), 2),
        now: visible(describeAtom(atom)),
      };
      if (!isStarted) bar.start(total, 0, payload);
      isStarted = true;
      bar.update(done, payload);
    },
    end: () => bar.stop(),
  };
}

function lineDisplay(verbose: boolean): Display {
  return {
    onStage: (text) => console.error(text),
    onProgress: (text) => {
      if (verbose) console.error(`  ${text}`);
    },
    onAtom: (atom, records, { done, total }) => {
      const statuses = countStatuses(records);
      console.error(`[${done}/${total}] ${describeAtom(atom)}: ${statuses}`);
      for (const record of records) {
        if (missesFloor(record))
          console.error(`  NOT LEARNED ${record.case.contender}: ${floorText(record.training.floor)}`);
        if (record.status !== "ok")
          console.error(`  ${record.status.toUpperCase()} ${record.case.contender}: ${record.reason}`);
      }
    },
    end: nothing,
  };
}

/** `scan-count · dims=2 level=operator pass=forward grid=32x32 · process 2`. */
function describeAtom(atom: Atom): string {
  const axes = axesOf(atom.cases[0]!);
  const shown = ["level", "pass", "quantity", "grid", "task", "dataset", "seed"].filter(
    (name) => name in axes && axes[name] !== "time",
  );
  const names = atom.cases.length === 1 ? [atom.cases[0]!.contender] : [];
  return [
    String(axes["suite"]),
    ...names,
    shown.map((name) => `${name}=${String(axes[name])}`).join(" "),
    `process ${atom.process + 1}`,
  ].join(" · ");
}

function countStatuses(records: readonly RunRecord[]): string {
  const byCase = new Map(records.map((record) => [record.caseId, record.status]));
  const counts = new Map<string, number>();
  for (const status of byCase.values()) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts].map(([status, count]) => `${count} ${status}`).join(", ");
}
