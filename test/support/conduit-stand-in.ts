import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { conduitEndpoints, type KnownEndpoint } from "./conduit-endpoints.ts";

export interface ConduitStandIn {
  url: string;
  /** `GET /path` of each request that Conduit would not know, in order. */
  refused: string[];
  /** Those that stand in no table: somebody has to look what Conduit does with them. */
  unknown: string[];
  stop(): Promise<void>;
}

interface Played {
  status: number;
  body: unknown;
}
type Json = Record<string, unknown>;

/**
 * Stands before a Synapse and plays what Conduit is documented to do otherwise: it knows only the endpoints of the table,
 * wants a JSON body with every POST and PUT, registers in one stage with its own words for a wrong token, puts a lightning
 * bolt behind new names, keeps no fallback keys and gives ten events of a room.
 */
export async function startConduitStandIn({
  target,
  host = "127.0.0.1",
  port = 0,
}: {
  target: string;
  host?: string;
  port?: number;
}): Promise<ConduitStandIn> {
  const refused: string[] = [];
  const unknown: string[] = [];
  const table = conduitEndpoints.map((known) => ({ known, pattern: patternOf(known.path) }));

  async function answer(incoming: IncomingMessage): Promise<Response | Played> {
    const { method = "GET", headers } = incoming;
    const url = new URL(incoming.url ?? "/", target);
    const sent = Buffer.concat(await incoming.toArray());
    const known = table.find((one) => one.known.method === method && one.pattern.test(url.pathname))?.known;
    if (!known || known.absent) {
      refused.push(`${method} ${url.pathname}`);
      if (!known) unknown.push(`${method} ${url.pathname}`);
      return refusal(404, "M_UNRECOGNIZED", "Unrecognized request");
    }
    const isUpload = known.path === "/_matrix/media/v3/upload";
    const body = isUpload || sent.length === 0 ? undefined : parsed(sent);
    if (["POST", "PUT"].includes(method) && !isUpload && body === undefined)
      return refusal(400, "M_NOT_JSON", "Not json.");
    const changed = isUpload ? sent : Buffer.from(JSON.stringify(asSynapseWantsIt(known, body)));
    if (known.path.endsWith("/sync")) url.searchParams.set("filter", JSON.stringify(tenEvents));
    const { host: _host, connection: _connection, "content-length": _length, ...rest } = headers as Json;
    const init = { method, headers: rest as Record<string, string> };
    const response = await fetch(url, {
      ...init,
      ...(["POST", "PUT"].includes(method) ? { body: new Uint8Array(changed) } : {}),
    });
    if (known.path.endsWith("/register") && body?.auth && response.status === 401) {
      const asked = (await response.json()) as Json;
      // Synapse has a second stage, in which nothing is asked.
      const auth = { type: "m.login.dummy", session: asked.session };
      if (!(asked.completed as unknown[] | undefined)?.length) return registrationAsked(asked, body);
      const last = await fetch(url, { ...init, body: JSON.stringify({ ...body, auth }) });
      return asConduitSaysIt(known, last, body);
    }
    return asConduitSaysIt(known, response, body);
  }

  async function asConduitSaysIt(
    known: KnownEndpoint,
    response: Response,
    body: Json = {},
  ): Promise<Response | Played> {
    const { path, method } = known;
    const isJson = response.headers.get("content-type")?.includes("json");
    if (!isJson) return response;
    const said = (await response.json()) as Json;
    if (path === "/_matrix/client/versions") return { status: 200, body: versions };
    if (path.endsWith("/sync")) return { status: response.status, body: without(said, fallbackKeys) };
    if (path.endsWith("/keys/upload")) return { status: response.status, body: without(said, fallbackKeys) };
    if (path.endsWith("/register") && response.status === 401) return registrationAsked(said, body);
    if (path.endsWith("/register") && response.ok) await addLightningBolt(said);
    if (path.endsWith("/login") && method === "GET")
      return { status: response.status, body: { flows: [{ type: "m.login.password" }] } };
    return { status: response.status, body: said };
  }

  async function addLightningBolt({ user_id, access_token }: Json): Promise<void> {
    const displayname = `${String(user_id).slice(1).split(":")[0]} ⚡️`;
    await fetch(`${target}/_matrix/client/v3/profile/${encodeURIComponent(String(user_id))}/displayname`, {
      ...{ method: "PUT", body: JSON.stringify({ displayname }) },
      headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
    });
  }

  const server = createServer(async (incoming, outgoing) => {
    try {
      const real = await answer(incoming);
      if (!(real instanceof Response)) {
        outgoing.writeHead(real.status, { "content-type": "application/json", ...crossOrigin });
        return void outgoing.end(JSON.stringify(real.body));
      }
      outgoing.writeHead(real.status, { "content-type": real.headers.get("content-type") ?? "", ...crossOrigin });
      outgoing.end(Buffer.from(await real.arrayBuffer()));
    } catch {
      outgoing.destroy();
    }
  }).listen(port, host);
  await once(server, "listening");

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ refused, unknown },
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const crossOrigin = { "access-control-allow-origin": "*" };
const fallbackKeys = ["device_unused_fallback_key_types", "org.matrix.msc2732.device_unused_fallback_key_types"];
const tenEvents = { room: { timeline: { limit: 10 }, state: { lazy_load_members: true } } };
const versions = {
  versions: ["r0.5.0", "r0.6.0", "v1.1", "v1.2", "v1.3", "v1.4", "v1.5", "v1.11"],
  unstable_features: { "org.matrix.e2e_cross_signing": true, "org.matrix.msc3916.stable": true },
};

/** Conduit has one flow of one stage, and its own word for a token that is another one. */
function registrationAsked({ session }: Json, { auth }: Json): Played {
  const asked = { flows: [{ stages: ["m.login.registration_token"] }], params: {}, session, completed: [] };
  if (auth === undefined) return { status: 401, body: asked };
  return { status: 401, body: { ...asked, errcode: "M_FORBIDDEN", error: "Invalid registration token." } };
}

function asSynapseWantsIt({ path }: KnownEndpoint, body: Json = {}): Json {
  return path.endsWith("/keys/upload") ? without(body, ["fallback_keys", "org.matrix.msc2732.fallback_keys"]) : body;
}

function without(object: Json, names: readonly string[]): Json {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}

function refusal(status: number, errcode: string, error: string): Played {
  return { status, body: { errcode, error } };
}

function parsed(bytes: Buffer): Json | undefined {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

function patternOf(path: string): RegExp {
  const escaped = path.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("{rest}", ".+").replace(/\{\w+\}/g, "[^/]+")}$`);
}
