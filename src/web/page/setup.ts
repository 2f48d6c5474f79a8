// The form: what is chosen, on which device that would run, and what it comes to.

/// <reference lib="dom" />

import { counted } from "#base/counted";
import { describeError, UsageError } from "#base/errors";
import type { Scale } from "#case/case";
import { probeEngine } from "#runner/choose-engine";
import { remainingText } from "#runner/status-line";
import { CONTENDER_BUDGETS } from "#runner/options";
import { host } from "#host/current";
import { PAGE_SUITES, whyNoTrainings, type Choices } from "./choices.ts";
import { earlierRecords } from "./earlier.ts";
import { element } from "./elements.ts";
import { planOf } from "./plan.ts";

/** @throws {UsageError} nothing is chosen */
export function readChoices(): Choices {
  const form = new FormData(element<HTMLFormElement>("app-setup"));
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const numberOf = (name: string) => (text(name) === "" ? undefined : Number(text(name)));
  const wanted = form.getAll("suite").map(String);
  const suites = PAGE_SUITES.filter(({ id }) => wanted.includes(id));
  if (suites.length === 0) throw new UsageError("choose at least one question that runs at this scale.");
  const [contenderBudget, minutes] = [numberOf("contenderBudget"), numberOf("runMinutes")];
  return {
    engine: text("engine") === "webgpu" ? "webgpu" : "wasm",
    scale: text("scale") as Scale,
    suites,
    filter: text("filter")
      .split(/\s+/)
      .filter((part) => part !== ""),
    ...(contenderBudget === undefined ? {} : { contenderBudget }),
    runBudget: minutes === undefined ? undefined : 60 * minutes,
  };
}

/** Says what would run and how long that takes, or why it cannot. */
export function showPlan(): void {
  const form = element<HTMLFormElement>("app-setup");
  const start = element<HTMLButtonElement>("app-start");
  const scale = String(new FormData(form).get("scale")) as Scale;
  form.querySelector<HTMLInputElement>("[name=contenderBudget]")!.placeholder = String(CONTENDER_BUDGETS[scale]);
  showTrainings(scale);
  try {
    const choices = readChoices();
    const { remaining, estimate } = planOf(choices, [], earlierRecords(choices.engine));
    const cases = new Set(remaining.flatMap((atom) => atom.cases)).size;
    const left = remainingText(estimate.remaining(undefined)).replace(" left", "");
    element("app-plan").textContent =
      `${counted(cases, "case")} in ${counted(remaining.length, "process", "processes")}, ${left}. Each form is checked against its definition first.`;
    start.disabled = false;
  } catch (error) {
    element("app-plan").textContent = describeError(error);
    start.disabled = true;
  }
}

/** Trainings that cannot run at this scale cannot be chosen, and the form says why. */
function showTrainings(scale: Scale): void {
  const why = whyNoTrainings(scale);
  element<HTMLFieldSetElement>("app-trainings").disabled = why !== undefined;
  element("app-why").hidden = why === undefined;
  element("app-why").textContent = why ?? "";
}

let asked = 0;

/** Says on which device the chosen engine runs here, or why it does not. */
export async function describeDevice(): Promise<void> {
  const mine = ++asked;
  const { engine } = readEngine();
  const place = element("app-device");
  place.textContent = "Looks for the device …";
  const report = await probeEngine(engine);
  if (mine !== asked) return;
  if (report.type === "unavailable") {
    place.textContent = `Not here: ${report.reason}`;
    return;
  }
  const { device } = report;
  const { page, browser } = host.machine.facts;
  const clock = `clock steps of ${1e6 * (page?.clockResolutionSeconds ?? 0)} µs`;
  const software = device.software ? " This is a software adapter: forms are checked, and no time is shown." : "";
  const what = device.kind === "gpu" ? `GPU: ${device.name}` : "One core of this processor, which browsers do not name";
  const power = page?.power === "battery" ? " On battery machines are slower: plug in for times to quote." : "";
  place.textContent = `${what}. ${browser?.name ?? ""} ${browser?.version ?? ""}, ${clock}.${software}${power}`;
}

function readEngine(): Pick<Choices, "engine"> {
  const form = new FormData(element<HTMLFormElement>("app-setup"));
  return { engine: form.get("engine") === "webgpu" ? "webgpu" : "wasm" };
}
