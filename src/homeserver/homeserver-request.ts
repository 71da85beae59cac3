import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { ConfigError } from "../errors.ts";
import type { Endpoint } from "./endpoints.ts";
import { noConnection } from "./no-connection.ts";

export interface HomeserverRequest {
  /** Its address: https://matrix.example.org */
  homeserver: string;
  endpoint: Endpoint;
  /** For a path with `{userId}`. */
  userId?: string;
  /** For a path with `{roomId}`. */
  roomId?: string;
  /** For a path with `{token}`. */
  token?: string;
  /** POST and PUT carry `{}` without it. */
  body?: Readonly<Record<string, unknown>>;
  accessToken?: string;
  /** For one attempt. */
  limitMs?: number;
  signal?: AbortSignal | undefined;
}

export interface HomeserverAnswer {
  ok: boolean;
  status: number;
  body: Record<string, unknown>;
  /** The specification's word for what went wrong; empty when there is none. */
  errcode: string;
  /** The server's own words for it, on one line, with nothing secret that was sent. */
  reason: string;
}

const jsonObject = z.record(z.string(), z.unknown());
const refusal = z.object({
  errcode: z.string().catch(""),
  error: z.string().catch(""),
  retry_after_ms: z.number().nonnegative().catch(1_000),
});
const longestWaitMs = 60_000;

/**
 * The homeserver's answer, also when it is a refusal. "Too many requests" is waited out as told, up to a minute.
 * @throws ConfigError when there is no homeserver to be had at that address. It never holds what was sent.
 */
export async function askHomeserver(request: HomeserverRequest): Promise<HomeserverAnswer> {
  const origin = homeserverAddress(request.homeserver);
  for (let waitedMs = 0; ; ) {
    const answer = await attempt(origin, request);
    if (answer.status !== 429) return answer;

    const waitMs = refusal.parse(answer.body).retry_after_ms;
    if (waitedMs + waitMs > longestWaitMs) {
      const seconds = Math.ceil(waitMs / 1_000);
      throw new ConfigError(`The homeserver at ${origin} takes no more requests for now; try again in ${seconds} s.`);
    }
    await sleep(waitMs, undefined, { signal: request.signal });
    waitedMs += Math.max(waitMs, 100);
  }
}

/** What to throw for a refusal that has no sentence of its own. `what` goes on from the homeserver's address. */
export function refusalOf(
  { status, errcode, reason }: HomeserverAnswer,
  homeserver: string,
  what: string,
): ConfigError {
  return new ConfigError(`${homeserver} ${what}: ${reason || "it does not say why"} (${status} ${errcode}).`);
}

/** The address in the form that paths are put behind. */
export function homeserverAddress(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol) || url.username || url.search || url.hash) {
    throw new ConfigError(
      "A homeserver's address has the form https://matrix.example.org, or http://127.0.0.1:6167 on this machine.",
    );
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

async function attempt(origin: string, request: HomeserverRequest): Promise<HomeserverAnswer> {
  const { endpoint, userId = "", roomId = "", token = "", body = {}, accessToken, limitMs = 30_000, signal } = request;
  const path = endpoint.path
    .replace("{userId}", encodeURIComponent(userId))
    .replace("{roomId}", encodeURIComponent(roomId))
    .replace("{token}", encodeURIComponent(token));
  const url = `${origin}${path}`;
  const late = AbortSignal.timeout(limitMs);
  try {
    const response = await fetch(url, {
      method: endpoint.method,
      headers: {
        "content-type": "application/json",
        ...(accessToken ? { authorization: `Bearer ${accessToken}` } : {}),
      },
      ...(endpoint.method === "GET" ? {} : { body: JSON.stringify(body) }),
      redirect: "manual", // A password must not travel on to an address that nobody gave.
      signal: signal ? AbortSignal.any([signal, late]) : late,
    });
    const target = response.headers.get("location");
    if (response.status >= 300 && response.status < 400 && target) throw elsewhere(origin, target, endpoint.path);
    return answerOf(response.status, await response.text(), origin, [accessToken, token, ...secretsIn(body)]);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ConfigError) throw error;
    if (late.aborted) {
      throw new ConfigError(
        `The homeserver at ${origin} did not answer within ${limitMs / 1_000} s. Check that it runs, and try again.`,
      );
    }
    throw noConnection(origin, error);
  }
}

function answerOf(status: number, text: string, origin: string, secrets: (string | undefined)[]): HomeserverAnswer {
  const body = jsonObject.safeParse(parsed(text));
  if (body.success) {
    const { errcode, error } = refusal.parse(body.data);
    const reason = secrets.reduce<string>((words, secret) => (secret ? words.replaceAll(secret, "…") : words), error);
    const oneLine = reason.replace(/\s+/g, " ").slice(0, 200);
    return { ok: status >= 200 && status < 300, status, body: body.data, errcode, reason: oneLine };
  }
  if (status >= 500) {
    throw new ConfigError(
      `The homeserver at ${origin} is not up: what stands before it answers ${status}. Start it, or wait a little.`,
    );
  }
  throw new ConfigError(
    `What answers at ${origin} is no Matrix homeserver. Give the homeserver's own address, which is often matrix. before the domain; not that of a website, or of Element.`,
  );
}

function secretsIn(body: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(body).flatMap(([name, value]) => {
    if (value !== null && typeof value === "object") return secretsIn(value as Record<string, unknown>);
    return ["password", "token", "mac"].includes(name) ? [String(value)] : [];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function elsewhere(origin: string, target: string, path: string): ConfigError {
  const url = URL.parse(target, origin);
  // What was asked for may hold a token.
  const place = url ? `${url.origin}${url.pathname}`.replace(path.replace(/\?.*$/, ""), "") : "another address";
  return new ConfigError(`${origin} sends us on to ${place}: if that is your homeserver, give its address instead.`);
}
