// Takes the place of runner/slots.ts in what a page loads: one worker at a time, wherever the browser lets it run.

import { WHOLE_MACHINE, type Slot } from "#runner/slot";

export const slotsFor = (): Slot[] => [WHOLE_MACHINE];
