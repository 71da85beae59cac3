import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Reach, Reached } from "../support/reach-neighbours.ts";

/*
 * The way out where it stands in earnest: in a container, with SearXNG, Chroma and a homeserver as neighbours that it
 * could reach. It wants a Docker Engine that has the image already; nothing is pulled.
 */

const image = "node:24-trixie-slim";
const isThere = spawnSync("docker", ["image", "inspect", image], { stdio: "ignore" }).status === 0;
if (!isThere) console.warn(`skipped: no Docker Engine here that has ${image}`);

const source = join(import.meta.dirname, "../..");
const name = `memtrix-egress-${randomBytes(4).toString("hex")}`;
const neighbours = ["searxng", "chroma", "homeserver", "model"];
const run = promisify(execFile);
const docker = async (...args: string[]) => (await run("docker", args, { maxBuffer: 10_000_000 })).stdout.trim();
const mounted = ["--volume", `${source}:/app:ro`, "--workdir", "/app", "--network", name];
/** Pids, memory and rights as little as they are with compose. */
const confined = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];

describe.skipIf(!isThere)("tools in a container", () => {
  let host: Server | undefined;
  let reach: Reach;
  let reached: Reached;

  beforeAll(async () => {
    await docker("network", "create", "--ipv6", "--subnet", `fd00:${name.slice(-4)}::/64`, name);
    for (const [index, each] of [...neighbours, "opened"].entries()) {
      const aliases = ["--network-alias", each, "--network-alias", `${each}.example.com`];
      const container = ["run", "--detach", "--rm", "--name", `${name}-${index}`, ...aliases, ...mounted, image];
      await docker(...container, "node", "test/support/neighbour.ts");
    }
    host = await serveOnGateway();
    reach = { addresses: await addresses(), neighbours, opened: "opened:80" };
    const gateway = ["--add-host", "host.docker.internal:host-gateway"];
    const program = ["run", "--rm", "--name", `${name}-program`, ...gateway, ...confined, ...mounted, image];
    reached = JSON.parse(await docker(...program, "node", "test/support/reach-neighbours.ts", JSON.stringify(reach)));
  }, 300_000);

  afterAll(async () => {
    host?.close();
    host?.closeAllConnections();
    const own = await docker("ps", "--all", "--quiet", "--filter", `name=${name}`);
    if (own) await docker("rm", "--force", ...own.split("\n"));
    await docker("network", "rm", name);
  }, 60_000);

  it("could reach the neighbours: by name, by address, and the host by its gateway", () => {
    for (const each of neighbours) {
      expect(reached.reachable).toContain(`http://${each}:8080/`);
      expect(reached.reachable).toContain(`http://${each}.example.com/`);
    }
    expect(reached.reachable.filter((address) => address.includes("[fd00"))).not.toEqual([]);
    expect(reached.reachable.filter((address) => address.includes(gatewayAddress))).not.toEqual([]);
  });

  it("are refused all of them, by whatever name or address, and wherever a page leads", () => {
    expect(reached.notRefused).toEqual([]);
  });

  it("make not one connection to any of them", () => {
    expect(reached.connections).toEqual(Object.fromEntries(neighbours.map((each) => [each, 0])));
    expect(hostRequests).toEqual([]);
  });

  it("reach what the owner has opened, and search by a client whose address is fixed", () => {
    expect(reached.openedAnswer).toContain("canary");
    expect(reached.search).toContain("https://example.com/");
  });

  const hostRequests: string[] = [];
  let gatewayAddress = "";

  /** What this machine itself serves is a neighbour too. */
  async function serveOnGateway(): Promise<Server | undefined> {
    const format = "{{range .IPAM.Config}}{{.Gateway}} {{end}}";
    const gateways = (await docker("network", "inspect", "--format", format, name)).split(" ");
    gatewayAddress = gateways.find((one) => one.includes(".")) ?? "";
    const server = createServer((request, response) => {
      if (request.headers["user-agent"]) hostRequests.push(request.url ?? "");
      response.end("canary");
    });
    server.listen(8080, gatewayAddress);
    await once(server, "listening");
    return server;
  }

  async function addresses(): Promise<string[]> {
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.GlobalIPv6Address}}{{end}}";
    const found: string[] = [];
    for (const [index, each] of neighbours.entries()) {
      const [v4 = "", v6 = ""] = (await docker("inspect", "--format", format, `${name}-${index}`)).split(" ");
      const [a = 0, b = 0, c = 0, d = 0] = v4.split(".").map(Number);
      const hosts = [each, `${each}.`, `${each}.${name}`, `${each}.example.com`, `${name}-${index}`, v4, `[${v6}]`];
      const spelled = [
        `[::ffff:${v4}]`,
        `${((a << 24) | (b << 16) | (c << 8) | d) >>> 0}`,
        `0x${a.toString(16)}.${b}.${c}.${d}`,
      ];
      for (const host of [...hosts, ...spelled]) found.push(`http://${host}:8080/`, `http://${host}/`);
    }
    const hosts = [
      "host.docker.internal",
      "gateway.docker.internal",
      gatewayAddress,
      "127.0.0.1",
      "[::1]",
      "localhost",
    ];
    return [...found, ...[...hosts, "127.0.0.11", "0.0.0.0", "169.254.169.254"].map((host) => `http://${host}:8080/`)];
  }
});
