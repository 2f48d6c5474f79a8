// What the page carries to draw its charts: two libraries, the configurations, and the functions that use them.

import { host } from "#host/current";
import { chartConfig } from "../charts/config.ts";
import { hydrate } from "../charts/hydrate.ts";
import { isWorthDrawing } from "../charts/picture.ts";
import { GROUND_INK, styleOf } from "../palette.ts";
import type { SuiteSection } from "../report-data.ts";
import { startPage, type PageData } from "./client.ts";
import { LIBRARIES } from "./libraries.ts";
import { anchorOf, html, raw, scriptJson, type Html } from "./template.ts";

const DARK_GROUND = { text: "#e8eaec", quiet: "#aeb4ba", grid: "#32383e", mark: "#7d858d", white: "#15181b" } as const;

/** What holds pictures. */
interface Drawn {
  readonly suites: readonly Pick<SuiteSection, "pictures">[];
}

export function scriptsHtml(data: Drawn): Html {
  return html`<script>
      ${librarySource(LIBRARIES[0])};
    </script>
    <script>
      ${librarySource(LIBRARIES[1])};
    </script>
    <script>
      "use strict";
      const hydrate = ${raw(hydrate.toString())};
      (${raw(startPage.toString())})(window, ${scriptJson(pageDataOf(data))}, hydrate);
    </script>`;
}

/** What `startPage` draws. */
export function pageDataOf(data: Drawn): PageData {
  const pictures = data.suites.flatMap((suite) => suite.pictures).filter(isWorthDrawing);
  const styles = pictures.flatMap(({ series }) => series.map(({ style }) => style.ink));
  const inks = new Map([styleOf("additive-global").ink, ...styles].map(({ light, dark }) => [light, dark] as const));
  for (const part of ["text", "quiet", "grid", "mark"] as const) inks.set(GROUND_INK[part], DARK_GROUND[part]);
  inks.set("#ffffff", DARK_GROUND.white);
  return {
    charts: Object.fromEntries(
      pictures.map((picture) => [
        anchorOf("chart", picture.id),
        JSON.stringify(chartConfig(picture), asDrawn).replaceAll("DejaVu Sans, sans-serif", "system-ui, sans-serif"),
      ]),
    ),
    inks: [...inks],
  };
}

/** More digits than a screen has pixels only make the page longer; the numbers beside a figure keep theirs. */
function asDrawn(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Number(value.toPrecision(5)) : value;
}

/** Source text of a library's browser build; both libraries are MIT-licensed and carry their notice in it. */
function librarySource([name, file]: readonly [string, string]): Html {
  const source = host.packages.sourceOf(name, file).replace(/^\/\/# sourceMappingURL=.*$/m, "");
  return raw(source.replaceAll("</script", "<\\/script"));
}
