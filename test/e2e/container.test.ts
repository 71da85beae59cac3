import { execFile, spawnSync } from "node:child_process";
import { appendFileSync, chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logIn } from "../../src/homeserver/accounts.ts";
import { type MatrixPerson, startMatrixPerson } from "../support/matrix-person.ts";
import type { SeenEvent } from "../support/seen-events.ts";

/*
 * The way of somebody with Docker, whole: setup.sh, onboard.sh, an answer in an encrypted room, a look at every setting, a
 * kill. It wants an engine with the base image, and the homeserver's stand-in, which is not made by the way:
 *
 *   docker build --network host --build-arg SYNAPSE=1.163.2 -t memtrix-test-homeserver \
 *     -f test/e2e/container/homeserver.Dockerfile test/e2e/container
 */

const images = ["node:24-trixie-slim", "memtrix-test-homeserver"];
const isThere = spawnSync("docker", ["image", "inspect", ...images], { stdio: "ignore" }).status === 0;
const canRun = isThere && (await isFree(6167));
if (!isThere) console.warn(`skipped: no Docker Engine here that has ${images.join(" and ")}`);
else if (!canRun) console.warn("skipped: something listens on port 6167 already");

const source = join(import.meta.dirname, "../..");
const sources = [
  ...["src", "onboard", "tools", "providers", "docker", "scripts", "test/e2e/container", "test/support"],
  ...["package.json", "package-lock.json", ".npmrc", ".dockerignore", "Dockerfile", "docker-compose.yml", "LICENSE"],
  ...["setup.sh", "onboard.sh"],
];
const homeserver = "http://127.0.0.1:6167";
const run = promisify(execFile);
const minutes = 60_000;

describe.skipIf(!canRun)("with Docker", { timeout: 10 * minutes }, () => {
  let checkout = "";
  let person: MatrixPerson;
  let room = "";
  const env = {
    ...{ ...process.env, COMPOSE_FILE: "docker-compose.yml:test/e2e/container/override.yml" },
    COMPOSE_PROJECT_NAME: `memtrix-test-${process.pid}`,
  };
  const inCheckout = async (command: string, ...args: string[]): Promise<string> =>
    (await run(command, args, { cwd: checkout, env, maxBuffer: 1e8 })).stdout;
  const compose = (...args: string[]) => inCheckout("docker", "compose", ...args);
  const secretsOf = () => readFileSync(join(checkout, ".env"), "utf8");

  beforeAll(async () => {
    checkout = mkdtempSync(join(tmpdir(), "memtrix-container-"));
    chmodSync(checkout, 0o755); // The stand-ins read their program here.
    const isState = (path: string) => path === join(source, "docker/private");
    for (const name of sources)
      cpSync(join(source, name), join(checkout, name), { recursive: true, filter: (path) => !isState(path) });
    // As `docker compose up` leaves it where it comes first, or another user.
    mkdirSync(join(checkout, "data"), { mode: 0o700 });
    await inCheckout("./setup.sh");
  }, 30 * minutes);

  afterAll(async () => {
    await person?.stop();
    if (!checkout) return;
    await compose("down", "--volumes", "--remove-orphans");
    rmSync(checkout, { recursive: true, force: true });
  }, 5 * minutes);

  it("setup.sh twice keeps what is there", async () => {
    const before = secretsOf();
    expect(before).toMatch(/^MEMTRIX_SECRET_REGISTRATION_TOKEN=[A-Za-z0-9]{43}$/m);
    await inCheckout("./setup.sh");
    expect(secretsOf()).toBe(before);
  });

  it("setup.sh refuses a token that everybody knows", async () => {
    const other = mkdtempSync(join(tmpdir(), "memtrix-setup-"));
    for (const name of sources) cpSync(join(source, name), join(other, name), { recursive: true });
    appendFileSync(join(other, ".env"), "MEMTRIX_SECRET_REGISTRATION_TOKEN=for_testing_only\n", { mode: 0o600 });
    const refused = spawnSync("./setup.sh", { cwd: other, env, encoding: "utf8" });
    rmSync(other, { recursive: true });
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining("is a value that is published") });
  });

  it("onboard.sh makes the accounts and starts it; it answers in an encrypted room", async () => {
    const flags = ["--name", "Memtrix", "--provider", "rehearsal", "--channel", "matrix", "--homeserver", "here"];
    const told = await inCheckout("./onboard.sh", ...flags, "--owner", "ada", "--timezone", "UTC");
    const password = /^ {4}(\w{24})$/m.exec(told)?.[1] ?? "";
    const account = await logIn({ homeserver, userId: "@ada:memtrix.local", password });
    person = await startMatrixPerson({ url: homeserver, user: { ...account, password }, crossSigned: true });
    const invites = ({ type, stateKey }: SeenEvent) => type === "m.room.member" && stateKey === account.userId;
    room = (await person.waitFor(invites, { limitMs: 2 * minutes })).roomId;
    await person.join(room);
    await person.waitForMessage(room, undefined, { limitMs: 2 * minutes });
    const answer = await person.ask(room, "My name is Ada");
    expect(answer).toMatchObject({ encrypted: true, content: { body: expect.stringContaining("Noted, Ada") } });
  });

  it("every setting is as it should be", async () => {
    const seen = await inCheckout("node", "scripts/check-container");
    expect(seen.split("\n").filter((line) => line.startsWith("NO"))).toEqual([]);
  });

  it("its tools do not reach what stands beside it", async () => {
    const addresses = ["http://searxng:8080/", "http://conduit:8080/", "http://host.docker.internal/"];
    const judged = await compose("exec", "-T", "memtrix", "memtrix", "doctor", "url", ...addresses).catch(
      ({ stdout }: { stdout: string }) => stdout,
    );
    expect(judged.match(/^deny/gm)).toHaveLength(addresses.length);
  });

  it("killed, it is started again, and knows what was said", async () => {
    const container = (await compose("ps", "--quiet", "memtrix")).trim();
    const { stdout: top } = await run("docker", ["top", container, "-o", "pid,args"]);
    const program = /^\s*(\d+)\s+node .*start/m.exec(top)?.[1];
    process.kill(Number(program), "SIGKILL");
    await person.send(room, "What is my name?");
    const isAnswer = ({ content }: SeenEvent) => String(content.body).includes("Your name is Ada");
    await person.waitForMessage(room, isAnswer, { limitMs: 2 * minutes });
    const { stdout: restarts } = await run("docker", ["inspect", "--format", "{{.RestartCount}}", container]);
    expect(Number(restarts)).toBe(1);
  });

  it("an agent that is made gets its token into .env, which keeps its mode and its owner", async () => {
    await compose("stop", "memtrix");
    await compose("run", "--rm", "-T", "memtrix", "agents", "create", "Cook", "--description", "recipes");
    expect(secretsOf()).toMatch(/^MEMTRIX_SECRET_COOK_ACCESS_TOKEN=/m);
  });
});

async function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer().once("error", () => resolve(false));
  server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  return promise;
}
