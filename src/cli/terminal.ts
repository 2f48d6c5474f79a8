// What a person sees while a run goes on, on stderr: on a terminal one line that says what runs now and how long it will take, elsewhere
// the same line now and then; and a line with its number for each process that has ended. Data goes to stdout.

import { systemClock, type Clock } from "#base/clock";
import type { Seconds } from "#base/units";
import type { Activity, RunEvents } from "#runner/activity";
import { atomLine, reasonLines } from "#runner/atom-lines";
import type { Estimate } from "#runner/estimate";
import { statusLine } from "#runner/status-line";
import { floorText, missesFloor } from "#store/floor";

export interface Display extends RunEvents {
  /** A line that stays. */
  say(text: string): void;
  /** Leaves the terminal as it was. */
  end(): void;
}

export interface DisplayOptions {
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** processes to run */
  readonly total: number;
  readonly estimate: Estimate;
  readonly clock?: Clock;
}

/** A terminal is drawn so often; a file or a log gets a line after so much silence. */
const REDRAW: Seconds = 0.2;
const LOGGED: Seconds = 30;

/** Events of a run made visible. */
export function createDisplay({ quiet, verbose, total, estimate, clock = systemClock }: DisplayOptions): Display {
  if (quiet) return { say: nothing, onActivity: nothing, onAtom: nothing, end: nothing };
  const screen = process.stderr.isTTY ? terminalLine() : logLine(clock, verbose);
  const began = clock.now();
  let activity: Activity | undefined;
  let since = began;
  let done = 0;
  const draw = (isNews: boolean) => {
    if (activity === undefined) return;
    const { atom, secondsLeft } = activity;
    const running = atom === undefined ? undefined : { atom, since: clock.now() - since, left: secondsLeft };
    const state = { done, total, elapsed: clock.now() - began };
    screen.show(statusLine(activity, state, estimate.remaining(running)), isNews);
  };
  const timer = setInterval(draw, 1000 * REDRAW, false);
  timer.unref();
  return {
    say: (text) => screen.say(text),
    onActivity: (next) => {
      if (next.atom !== activity?.atom || next.phase !== activity?.phase) since = clock.now();
      activity = next;
      draw(true);
    },
    onAtom: (atom, records, seconds) => {
      estimate.note(atom, seconds);
      screen.say(`[${++done}/${total}] ${atomLine(atom, records, seconds, verbose)}`);
      for (const line of reasonLines(records)) screen.say(line);
      for (const record of records)
        if (missesFloor(record))
          screen.say(`  not learned ${record.case.contender}: ${floorText(record.training.floor)}`);
    },
    end: () => {
      clearInterval(timer);
      screen.end();
    },
  };
}

function nothing(): void {
  // quiet
}

interface Screen {
  /** Replaces what was shown. @param isNews something has happened, not only time has passed */
  show(line: string, isNews: boolean): void;
  /** stays */
  say(line: string): void;
  end(): void;
}

/** The last line of a terminal, drawn over. */
function terminalLine(): Screen {
  const { stderr } = process;
  const erase = () => stderr.write("\r\u001B[K");
  let shown = "";
  return {
    show: (line) => {
      shown = [...line].slice(0, (stderr.columns || 80) - 1).join("");
      erase();
      stderr.write(shown);
    },
    say: (line) => {
      erase();
      console.error(line);
      stderr.write(shown);
    },
    end: () => {
      shown = "";
      erase();
    },
  };
}

/** Plain lines: the first, then one after each silence; with `everything` all news. */
function logLine(clock: Clock, everything: boolean): Screen {
  let lastSaid = Number.NEGATIVE_INFINITY;
  const say = (line: string) => {
    lastSaid = clock.now();
    console.error(line);
  };
  return {
    show: (line, isNews) => {
      if ((everything && isNews) || clock.now() - lastSaid >= LOGGED) say(line);
    },
    say,
    end: nothing,
  };
}
