export interface FetchMediaOptions {
  homeserver: string;
  accessToken: string;
  /** Servers whose media may be asked for. */
  servers: readonly string[];
  maxBytes: number;
  /** What is said of media that are larger. */
  tooLarge: string;
  signal?: AbortSignal;
  fetch: typeof globalThis.fetch;
}

/** Without a byte for so long there will be none. */
const idleMs = 60_000;

/** The bytes of an `mxc://` address: from the endpoint that wants the token, which goes in a header, and from no other. */
export async function fetchMedia(address: string, options: FetchMediaOptions): Promise<Uint8Array> {
  const { homeserver, accessToken, maxBytes, tooLarge, fetch } = options;
  const { server, id } = checkedAddress(address, options.servers);
  const url = new URL(`/_matrix/client/v1/media/download/${server}/${id}`, homeserver);
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(), idleMs);
  const signal = AbortSignal.any([idle.signal, ...(options.signal ? [options.signal] : [])]);
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${accessToken}` },
      redirect: "error",
      signal,
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(refusal(response.status));
    }
    if (Number(response.headers.get("content-length") ?? 0) > maxBytes) {
      await response.body?.cancel();
      throw new Error(tooLarge);
    }
    return await readUpTo(response, maxBytes, tooLarge, () => timer.refresh());
  } catch (cause) {
    if (idle.signal.aborted) throw new Error("The homeserver stopped sending the file; send it again.", { cause });
    throw cause;
  } finally {
    clearTimeout(timer);
  }
}

/** Nothing in it can lead elsewhere. Throws a sentence. */
function checkedAddress(address: string, servers: readonly string[]): { server: string; id: string } {
  const [, server = "", id = ""] = /^mxc:\/\/([A-Za-z0-9.:[\]-]{1,255})\/([A-Za-z0-9_-]{1,255})$/.exec(address) ?? [];
  if (!id) throw new Error("The file has no address that is one on Matrix.");
  if (!servers.includes(server))
    throw new Error("The file lies on another homeserver; send it as an upload of your own.");
  return { server, id };
}

function refusal(status: number): string {
  if (status === 404)
    return "The homeserver does not have the file, or does not know how to hand it out (Matrix 1.11).";
  if (status === 429) return "The homeserver wants fewer requests just now; send the file again in a minute.";
  return `The homeserver did not hand out the file (status ${status}).`;
}

async function readUpTo(
  response: Response,
  maxBytes: number,
  tooLarge: string,
  onBytes: () => void,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    onBytes();
    size += part.byteLength;
    // Leaving the loop closes the connection.
    if (size > maxBytes) throw new Error(tooLarge);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
