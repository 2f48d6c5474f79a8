// One HTTP request for the bytes of a file, as they lie on the server: no decoding on the way, and a redirect is
// followed on the same host only, so that a declared address stays what it says.

import { get as httpGet, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { get as httpsGet } from "node:https";
import { describeError } from "#base/errors";
import { DownloadError } from "./remote.ts";

const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export interface RequestOptions {
  readonly headers: OutgoingHttpHeaders;
  /** silence after which a connection counts as lost */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks for an address and returns the answer to the last redirect, its body not read yet.
 *
 * @throws {DownloadError} no connection, too many redirects, or one to another host or from https to http
 */
export async function openUrl(address: string, options: RequestOptions): Promise<IncomingMessage> {
  let url = new URL(address);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await request(url, options);
    if (!REDIRECTS.has(response.statusCode ?? 0)) return response;
    response.destroy();
    url = redirectTarget(address, url, response.headers.location);
  }
  throw new DownloadError(address, `more than ${MOST_REDIRECTS} redirects`);
}

function redirectTarget(address: string, from: URL, location: string | undefined): URL {
  if (location === undefined || !URL.canParse(location, from.href))
    throw new DownloadError(address, `redirects to no address (${location ?? "no Location"})`);
  const to = new URL(location, from);
  const isUpgrade =
    from.protocol === "http:" &&
    to.protocol === "https:" &&
    from.hostname === to.hostname &&
    from.port === "" &&
    to.port === "";
  if (to.origin === from.origin || isUpgrade) return to;
  throw new DownloadError(
    address,
    `redirects to ${to.origin}, another place than declared; nothing was taken from there. Fetch the file by hand if you trust it.`,
    {
      redirect: to.href,
    },
  );
}

function request(url: URL, { headers, timeoutMs, signal }: RequestOptions): Promise<IncomingMessage> {
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new DownloadError(url.href, `only http and https are spoken, not ${url.protocol}`);
  const get = url.protocol === "https:" ? httpsGet : httpGet;
  return new Promise((resolve, reject) => {
    const sent = get(
      url,
      {
        headers: { "user-agent": "lightnet-bench", "accept-encoding": "identity", ...headers },
        timeout: timeoutMs,
        ...(signal === undefined ? {} : { signal }),
      },
      resolve,
    );
    sent.on("timeout", () => sent.destroy(new Error(`nothing came for ${timeoutMs / 1000} s`)));
    sent.on("error", (error) =>
      reject(
        signal?.aborted === true
          ? error
          : new DownloadError(url.href, `no answer (${describeError(error)})`, { isTransient: true }, { cause: error }),
      ),
    );
  });
}
