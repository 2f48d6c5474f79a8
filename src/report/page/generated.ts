// What trained models make, within the page. Pictures count towards its size, so that only some are shown.

import { formatBytes, type Bytes } from "#base/units";
import type { GeneratedPicture } from "../report-data.ts";
import { anchorOf, escapeHtml as text } from "./escape.ts";

/** All pictures of a suite together. */
const MOST_BYTES: Bytes = 3 * 2 ** 20;

/** Pictures one below the other, as many as fit; the others are named. */
export function generatedHtml(pictures: readonly GeneratedPicture[]): string {
  let room = MOST_BYTES;
  return pictures
    .map(({ id, title, method, png }) => {
      const fits = png.length <= room;
      if (fits) room -= png.length;
      const shown = fits
        ? `<img class="generated" alt="${text(title)}" src="data:image/png;base64,${png.toString("base64")}">`
        : `<p class="notes">Not shown here (${formatBytes(png.length)}): samples/${text(id)}.png of the run.</p>`;
      return `<figure id="${anchorOf("generated", id)}"><figcaption><h4>${text(title)}</h4><p class="notes">${text(method)}</p></figcaption>${shown}</figure>`;
    })
    .join("\n");
}
