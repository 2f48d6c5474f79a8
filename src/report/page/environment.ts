// Where the numbers come from: runs, machines, versions.

import { formatBytes, formatSeconds } from "#base/units";
import type { Environment } from "#store/record";
import type { ReportData, RunFacts } from "../report-data.ts";
import { html, type Html } from "./template.ts";

/** In three lines what the numbers below hold for. */
export function conditionsHtml({ runs, environments, cautions }: ReportData): Html {
  const machines = [...environments.values()].map(
    ({ engine, device, cores, platform }) => `engine ${engine} on ${device.name}, ${cores} cores, ${platform}`,
  );
  const scales = [...new Set(runs.map(({ scale }) => scale))].join(", ");
  return html`<p>
    Measured with ${[...new Set(machines)].join("; ")}, at scale ${scales}.
    ${cautions.length === 0 && "No case began on a busy machine and none is noisy."} Ratios are taken from rounds side
    by side and suffer less from load than times do. <a href="#environment">All versions</a>,
    <a href="#limitations">limitations</a>.
  </p>`;
}

export function environmentHtml({ runs, environments }: ReportData): Html {
  const [first, ...others] = [...environments].map(([hash, environment]) => [hash, machineFacts(environment)] as const);
  if (first === undefined) return html`${runs.map(runHtml)}`;
  const [hash, facts] = first;
  return html`${runs.map(runHtml)}
    <h3>Environment ${hash}</h3>
    ${factsHtml(facts)}
    ${others.map(
      ([other, own]) =>
        html`<h3>Environment ${other}</h3>
          <p>As ${hash}, but for:</p>
          ${factsHtml(own.map(([name, value], index) => [name, differing(value, facts[index]![1])] as const))}`,
    )}`;
}

/** A fact of a later environment; undefined where the first has it too. */
function differing(value: string | undefined, first: string | undefined): string | undefined {
  return value === first ? undefined : (value ?? "unknown");
}

type Fact = readonly [name: string, value: string | undefined];

function runHtml({ run, command, scale, startedAt, finishedAt }: RunFacts): Html {
  return html`<h3>Run ${run}</h3>
    ${factsHtml([
      ["Command", command],
      ["Scale", scale],
      ["Started", startedAt],
      ["Finished", finishedAt ?? "not finished"],
    ])}`;
}

/** The same facts in the same order for every environment. */
function machineFacts(environment: Environment): readonly Fact[] {
  const { platform, cpu, cores, memoryBytes, node, nodeFlags = [], browser, page } = environment;
  const { packages, engine, device, gitCommit, gitDirty } = environment;
  return [
    ["Engine", engine],
    ["Device", `${device.name} (${device.kind}${device.software ? ", software" : ""})`],
    ["Device details", listed(Object.entries(device.details).map(([name, value]) => `${name}: ${value}`))],
    ["Processor", `${cpu}, ${cores} cores`],
    ["Memory", memoryBytes === undefined ? undefined : formatBytes(memoryBytes)],
    ["Platform", platform],
    ["Node", node === undefined ? undefined : [node, ...nodeFlags].join(" ")],
    ["Browser", browser === undefined ? undefined : `${browser.name} ${browser.version}`],
    ["Page", page === undefined ? undefined : pageText(page)],
    ["Packages", listed(Object.entries(packages).map(([name, version]) => `${name} ${version}`))],
    [
      "Commit",
      gitCommit === undefined ? undefined : `${gitCommit}${gitDirty === true ? " with uncommitted changes" : ""}`,
    ],
  ];
}

function pageText({ isolated, clockResolutionSeconds, visibility, power }: NonNullable<Environment["page"]>): string {
  const isolation = isolated
    ? "isolated from other pages"
    : "not isolated from other pages, which makes the clock coarser";
  const feed = power === undefined ? "" : `, on ${power}`;
  return `${visibility}${feed}, clock steps of ${formatSeconds(clockResolutionSeconds)}, ${isolation}; a worker stands for a fresh process, and shares the browser's GPU process with others`;
}

function listed(parts: readonly string[]): string {
  return parts.join(", ");
}

/** A definition list of facts; absent values are left out. */
function factsHtml(facts: readonly Fact[]): Html {
  const known = facts.filter(([, value]) => value !== undefined && value !== "");
  return html`<dl class="facts words">
    ${known.map(
      ([name, value]) =>
        html`<dt>${name}</dt>
          <dd>${value}</dd>`,
    )}
  </dl>`;
}
