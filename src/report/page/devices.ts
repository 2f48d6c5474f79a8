// The page of several devices: what each found, then each question over all of them.

import type { Device, DeviceQuestion } from "../devices.ts";
import { figureHtml } from "./figures.ts";
import { documentHtml } from "./html.ts";
import { anchorOf, html, type Html } from "./template.ts";

/** @param folderOf where the own report of a device lies, relative to this page */
export function devicesHtml(
  devices: readonly Device[],
  questions: readonly DeviceQuestion[],
  folderOf: (device: Device) => string,
): string {
  return documentHtml({
    title: `${devices.length} devices: ${devices.map(({ name }) => name).join(" | ")} – lightnet-bench`,
    header: html`<h1>The same questions on ${devices.length} devices</h1>
      <p class="quiet">
        Times of two machines are never joined. Each device is compared with itself first; how far a ratio travels from
        one to another is what these pictures show.
      </p>`,
    body: html`<main id="main">
      ${devices.map((device) => deviceHtml(device, folderOf(device)))} ${questions.map(questionHtml)}
    </main>`,
    suites: questions,
  });
}

function deviceHtml({ name, runs, data }: Device, folder: string): Html {
  const { answer, cautions } = data;
  return html`<section aria-labelledby="${anchorOf("device", folder)}">
    <h2 id="${anchorOf("device", folder)}">${name}</h2>
    <p class="quiet">
      ${runs.map(({ manifest }) => manifest.run).join(", ")} · <a href="${folder}/report.html">its own report</a>
    </p>
    ${cautions.length > 0 && html`<div class="cautions" role="note">${cautions.join(" ")}</div>`}
    ${answer.map((sentence) => html`<p class="answer">${sentence}</p>`)}
  </section>`;
}

function questionHtml({ suite, pictures }: DeviceQuestion): Html {
  return html`<section class="suite" aria-labelledby="${anchorOf("question", suite.id)}">
    <h2 id="${anchorOf("question", suite.id)}">${suite.title}</h2>
    <p><strong>${suite.question}</strong></p>
    ${pictures.map((picture) =>
      figureHtml(picture, { command: "lightnet-bench report --run … --run …, with the runs named above" }),
    )}
  </section>`;
}
