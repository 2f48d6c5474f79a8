// One HTTP answer with the bytes of a file, as they lie on the server: no decoding on the way, and a redirect is followed
// on the same host only, so that a declared address stays what it says.

import { EXIT, HarnessError, type Facts } from "#base/errors";

const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** A download that did not come about: refused, cut, missing, or of another size than declared. */
export class DownloadError extends HarnessError {
  override readonly name = "DownloadError";
  override readonly exitCode = EXIT.environment;

  constructor(url: string, message: string, facts: Facts = {}, options?: ErrorOptions) {
    super("E_DOWNLOAD", `${url}: ${message}`, { url, ...facts }, options);
  }
}

export interface RequestOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** silence after which a connection counts as lost */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** An answer whose connection is given up after too long a silence, and closed by `close`. */
export interface Connection {
  readonly response: Response;
  /** pieces of the body as they come */
  readonly pieces: AsyncIterable<Uint8Array>;
  close(): void;
}

/**
 * Asks for an address and returns the answer to the last redirect, its body not read yet.
 *
 * @throws {DownloadError} no connection, too many redirects, or one to another host or from https to http
 */
export async function connect(address: string, options: RequestOptions): Promise<Connection> {
  let url = new URL(address);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const connection = await request(url, options);
    const { status, headers } = connection.response;
    if (!REDIRECTS.has(status)) return connection;
    connection.close();
    url = redirectTarget(address, url, headers.get("location"));
  }
  throw new DownloadError(address, `more than ${MOST_REDIRECTS} redirects`);
}

function redirectTarget(address: string, from: URL, location: string | null): URL {
  if (location === null || !URL.canParse(location, from.href))
    throw new DownloadError(address, `redirects to no address (${location ?? "no Location"})`);
  const to = new URL(location, from);
  const hasPort = from.port !== "" || to.port !== "";
  const isUpgrade = from.protocol === "http:" && to.protocol === "https:" && from.hostname === to.hostname && !hasPort;
  if (to.origin === from.origin || isUpgrade) return to;
  throw new DownloadError(
    address,
    `redirects to ${to.origin}, another place than declared; nothing was taken from there. Fetch the file by hand if you trust it.`,
    { redirect: to.href },
  );
}

async function request(url: URL, { headers, timeoutMs, signal }: RequestOptions): Promise<Connection> {
  const lost = new AbortController();
  const silence = setTimeout(() => lost.abort(new Error(`nothing came for ${timeoutMs / 1000} s`)), timeoutMs);
  const close = () => {
    clearTimeout(silence);
    lost.abort();
  };
  try {
    const response = await fetch(url, {
      redirect: "manual",
      headers: { "user-agent": "lightnet-bench", "accept-encoding": "identity", ...headers },
      signal: AbortSignal.any([lost.signal, ...(signal === undefined ? [] : [signal])]),
    });
    return { response, pieces: piecesOf(response, silence), close };
  } catch (error) {
    close();
    signal?.throwIfAborted();
    throw new DownloadError(url.href, `no answer (${reasonOf(error)})`, { isTransient: true }, { cause: error });
  }
}

async function* piecesOf({ body }: Response, silence: NodeJS.Timeout): AsyncGenerator<Uint8Array> {
  silence.refresh();
  for await (const piece of body ?? []) {
    yield piece as Uint8Array;
    silence.refresh();
  }
}

/** `fetch` wraps what happened in a TypeError. */
export function reasonOf(error: unknown): string {
  const inner = error instanceof TypeError && error.cause !== undefined ? error.cause : error;
  if (!(inner instanceof Error)) return String(inner);
  return inner.message === "" ? ((inner as NodeJS.ErrnoException).code ?? inner.name) : inner.message;
}
