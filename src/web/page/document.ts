// The page as a document: what is there before any script runs. Its policy lets nothing in but what lies beside it, and its
// one request is for that.

import { html, type Html } from "#report/page/template";
import { SCALES } from "#case/case";
import type { Suite } from "#case/suite";
import { LIBRARY_FILES, nameOf } from "../assets.ts";
import { absentSuites, PAGE_SUITES } from "./choices.ts";

/** Scripts from here only; WebAssembly may be compiled; charts are sized by attributes of style. */
export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; style-src-attr 'unsafe-inline'; connect-src 'self'; worker-src 'self'; img-src data:; base-uri 'none'; form-action 'none'";

const SCALE_TEXTS: Readonly<Record<(typeof SCALES)[number], string>> = {
  smoke: "smoke: a look, minutes",
  small: "small: to quote, hours",
  paper: "paper: for a large GPU, hours",
};

export function pageDocument(): string {
  return String(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
          <title>lightnet-bench in this browser</title>
          <link rel="icon" href="data:," />
          <link rel="stylesheet" href="page.css" />
          ${LIBRARY_FILES.map((path) => html`<script defer src="${nameOf(path)}"></script>`)}
          <script type="module" src="page.js"></script>
        </head>
        <body>
          <header>
            <h1>What does one scan save on this machine?</h1>
            <p>
              lightnet-bench measures LightNet's one additive scan beside layers with two or more scans, and beside
              softmax attention: in this browser, on this machine, with nothing to install. What is measured stays in
              this browser until you download it.
            </p>
            <noscript><p class="cautions">This page measures with JavaScript, which is switched off here.</p></noscript>
            <p id="app-trouble" class="cautions" role="alert" hidden></p>
          </header>
          <main>${setup()} ${run()}</main>
          <div id="app-report"></div>
          <section id="app-runs" aria-labelledby="app-runs-title" hidden>
            <h2 id="app-runs-title">Runs kept in this browser</h2>
            <ul id="app-run-list" class="app-runs"></ul>
          </section>
        </body>
      </html> `,
  );
}

function setup(): Html {
  return html`<form id="app-setup" class="app-card">
    <fieldset>
      <legend>Measure on</legend>
      <label><input type="radio" name="engine" value="wasm" checked /> WebAssembly, one core of the processor</label>
      <label><input type="radio" name="engine" value="webgpu" /> WebGPU, the graphics processor</label>
    </fieldset>
    <p id="app-device" class="quiet" role="status">Loading …</p>
    <fieldset class="app-suites">
      <legend>Questions of time</legend>
      ${PAGE_SUITES.filter(({ kind }) => kind !== "training").map(choice)}
    </fieldset>
    <fieldset class="app-suites" id="app-trainings">
      <legend>Questions of quality: small models are trained</legend>
      <p id="app-why" class="app-why" hidden></p>
      ${PAGE_SUITES.filter(({ kind }) => kind === "training").map(choice)}
    </fieldset>
    <details>
      <summary>Questions that need the command line, and why</summary>
      <ul class="notes">
        ${[...absentSuites()].map(
          ([reason, suites]) =>
            html`<li>
              ${reason}
              <ul>
                ${suites.map(({ id, question }) => html`<li><b>${id}</b>: ${question}</li>`)}
              </ul>
            </li>`,
        )}
      </ul>
    </details>
    <div class="app-row">
      <label
        >Scale
        <select name="scale">
          ${SCALES.map((scale) => html`<option value="${scale}">${SCALE_TEXTS[scale]}</option>`)}
        </select></label
      >
      <label
        >Seconds for each contender at a point
        <input name="contenderBudget" type="number" min="0.01" max="3600" step="any" inputmode="decimal"
      /></label>
      <label
        >Minutes at most (empty: to the end)
        <input name="runMinutes" type="number" min="0.1" max="10000" step="any" inputmode="decimal"
      /></label>
    </div>
    <details>
      <summary>Only some cases</summary>
      <label
        >As <code>--filter</code> of the command line, such as
        <code>dims=2 level=mixer contender=additive-global,vector-2scan</code>
        <input name="filter" type="text" autocomplete="off" spellcheck="false"
      /></label>
    </details>
    <p id="app-plan" role="status"></p>
    <button type="submit" id="app-start" disabled>Start</button>
  </form>`;
}

function choice(suite: Suite): Html {
  const { id, title, question } = suite;
  return html`<label
    ><input type="checkbox" name="suite" value="${id}" ${suite === PAGE_SUITES[0] && "checked"} />
    <span><b>${title}</b><small>${question}</small></span></label
  >`;
}

function run(): Html {
  return html`<section id="app-run" class="app-card" aria-labelledby="app-run-title" hidden>
    <h2 id="app-run-title"></h2>
    <p id="app-state" class="answer" role="status"></p>
    <progress id="app-progress" max="1" value="0" aria-label="Processes finished"></progress>
    <p id="app-status" class="quiet"></p>
    <p class="app-buttons">
      <button type="button" id="app-pause" data-do="pause">Pause</button>
      <button type="button" id="app-go" data-do="go">Go on</button>
      <button type="button" id="app-stop" data-do="stop">Stop</button>
      <button type="button" data-do="zip">Download the run (zip)</button>
      <button type="button" data-do="html">Download the report</button>
      <button type="button" id="app-close" data-do="close">Another run</button>
    </p>
    <div id="app-answer"></div>
    <details>
      <summary>Finished processes</summary>
      <ol id="app-log" class="notes"></ol>
    </details>
  </section>`;
}
