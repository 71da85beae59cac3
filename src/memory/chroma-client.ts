import type { ChromaClient } from "chromadb";
import { Agent, Dispatcher1Wrapper } from "undici";
import { ConfigError } from "../errors.ts";

export interface ChromaConnection extends AsyncDisposable {
  /** Loaded at the first call: no start waits for it. */
  client(): Promise<ChromaClient>;
}

/** Of a server that hangs the caller hears after this. */
const patienceMs = 30_000;

/** @throws ConfigError when the address is none that the client can use. */
export function connectChroma(address: string): ChromaConnection {
  const url = new URL(address);
  if (url.pathname !== "/")
    throw new ConfigError(`Chroma's address may have no path, and ${url.pathname} is one: check memory.chroma_url.`);
  // Of our own, so that the proxy of the environment has no part in it.
  const agent = new Agent({ connect: { timeout: 5_000 }, headersTimeout: patienceMs, bodyTimeout: patienceMs });
  const ssl = url.protocol === "https:";
  let client: Promise<ChromaClient> | undefined;

  async function connect(): Promise<ChromaClient> {
    const { ChromaClient } = await import("chromadb");
    return new ChromaClient({
      host: url.hostname,
      port: Number(url.port || (ssl ? 443 : 80)),
      ssl,
      // Named, so that the environment's are not taken.
      tenant: "default_tenant",
      database: "default_database",
      headers: credentialsOf(url),
      fetchOptions: { dispatcher: new Dispatcher1Wrapper(agent) } as RequestInit,
    });
  }

  return {
    client() {
      client ??= connect();
      return client;
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === "") return {};
  const credentials = [username, password].map(decodeURIComponent).join(":");
  return { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
}

/** Whether the error says that a collection is not there (any more). */
export function isGone(error: unknown): boolean {
  return nameOf(error) === "ChromaNotFoundError";
}

/** Whether the error says that one of the ids asked for is not there: the server does not pass them over. */
export function isUnknownId(error: unknown): boolean {
  return nameOf(error) === "ChromaServerError" && /finding id/i.test((error as Error).message);
}

/** Whether these words of a server say that what it has on the disk cannot be read any more. */
export function tellsDamage(words: string): boolean {
  return /malformed|not a database|hnsw (?:index|segment)|backfill request/i.test(words);
}

/** When it is the server that cannot be used now: how, as the rest of a sentence that begins with its name. */
export function reasonOfAbsence(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : "";
  if (/^Chroma(?:Server|Client)Error$/.test(nameOf(error) ?? "") && tellsDamage(message)) return damaged;
  switch (nameOf(error)) {
    case "ChromaConnectionError":
      return "cannot be reached";
    case "ChromaAuthError":
    case "ChromaForbiddenError":
      return "refuses our name and password";
    case "ChromaRateLimitError":
      return "has too much to do";
    case "ChromaServerError":
      return `fails (${message.slice(0, 200)})`;
    case "ChromaNotFoundError":
    case "SyntaxError":
      return "answers as no Chroma does";
    default:
      return undefined;
  }
}

export const damaged = "has damaged data and must be begun anew, with an empty folder";

function nameOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}
