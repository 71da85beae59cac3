import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { filesWith } from "../support/all-bytes.ts";
import { startMatrixPerson } from "../support/matrix-person.ts";
import { startOpenaiServer } from "../support/openai-server.ts";
import { program } from "../support/program.ts";
import type { SeenEvent } from "../support/seen-events.ts";
import { startSynapse } from "../support/synapse.ts";
import { canRunSynapse } from "../support/synapse-venv.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { temporaryHome } from "../support/temporary-home.ts";

const canRun = await canRunSynapse();

it.skipIf(!canRun)(
  "after setup, a conversation and a backup the secrets stand in .env and nowhere else",
  { timeout: 300_000 },
  async () => {
    const synapse = await startSynapse();
    onTestFinished(() => synapse.stop());
    const [agent, owner] = [await synapse.registerUser("memtrix"), await synapse.registerUser("owner")];
    const apiKey = "sk-canary/7Hq+2 Zw=eXt&ra%21Vb9";
    const model = await startOpenaiServer({ turns: Array.from({ length: 20 }, () => ({ text: "I hear you." })) });
    onTestFinished(() => model.close());
    using home = temporaryHome();
    const outputs: string[] = [];
    await using memtrix = program({ home: home.path });
    const run = async (argv: string[], env: Record<string, string>): Promise<string> => {
      const ended = await memtrix.start(argv, { env, limitMs: 120_000 }).ended;
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      return `${ended.stdout}\n${ended.stderr}`;
    };

    const basics = ["--name", "Memtrix", "--provider", "openai-compatible", "--base-url", `${model.url}/v1`];
    const modelFlags = ["--api-key-env", "KEY", "--model", "small-model", "--timezone", "UTC"];
    const matrix = ["--channel", "matrix", "--homeserver", synapse.url, "--owner", owner.userId];
    const told = await run(["onboard", ...basics, ...modelFlags, ...matrix, "--access-token-env", "TOKEN"], {
      ...{ KEY: apiKey, TOKEN: agent.accessToken },
    });
    const secrets = secretsIn(home.path);
    expect(secrets).toContain(apiKey);
    expect(secrets).toContain(agent.accessToken);
    expect(secrets.length, "the recovery key too").toBeGreaterThan(2);
    // The one time that the owner can write the recovery key down.
    const isShownOnce = (secret: string) => secret !== apiKey && secret !== agent.accessToken;
    outputs.push(secrets.filter(isShownOnce).reduce((text, secret) => text.replace(secret, ""), told));

    const person = await startMatrixPerson({ url: synapse.url, user: owner });
    onTestFinished(() => person.stop());
    const running = memtrix.start(["start"], { limitMs: 280_000, env: { LOG_LEVEL: "debug" } });
    const invites = ({ type, stateKey }: SeenEvent) => type === "m.room.member" && stateKey === owner.userId;
    const { roomId: room } = await person.waitFor(invites, { limitMs: 60_000 });
    await person.join(room);
    await person.waitForMessage(room, undefined, { limitMs: 60_000 });
    await person.send(room, "Hello.");
    await person.waitForMessage(room, ({ content }) => content.body === "I hear you.", { limitMs: 60_000 });
    await person.ask(room, "!status");

    const file = join(temporaryFolder(), "memtrix.backup");
    const passphrase = "correct horse battery";
    const said = await run(["backup", file, "--passphrase-env", "PASSPHRASE"], { PASSPHRASE: passphrase });
    const processes = withChildren(running.pid).flatMap((pid) => [`/proc/${pid}/environ`, `/proc/${pid}/cmdline`]);
    const seenByOthers = processes.map((path) => readFileSync(path, "latin1")).join("\n");
    running.kill("SIGTERM");
    const { stdout, stderr } = await running.ended;
    outputs.push(said, stdout, stderr, seenByOthers, JSON.stringify(person.seen()));

    const written = temporaryHome();
    onTestFinished(() => written[Symbol.dispose]());
    written.write("outputs", outputs.join("\n"));
    const forms = [...secrets, passphrase].flatMap((secret) => [secret, encodeURIComponent(secret)]);
    const env = join(home.path, ".env");
    const found = filesWith(forms, home.path, join(file, ".."), written.path);
    expect(found.filter((place) => !place.startsWith(`${env}:`))).toEqual([]);
    expect(found.length, "the search finds them where they are").toBeGreaterThan(2);
  },
);

function secretsIn(home: string): string[] {
  const lines = readFileSync(join(home, ".env"), "utf8").split("\n");
  return lines.flatMap(
    (line) => /^MEMTRIX_SECRET_\w+=(?:'(.*)'|"(.*)"|(.*))$/.exec(line)?.slice(1).find(Boolean) ?? [],
  );
}

/** A process and all that it has started. */
function withChildren(pid: number): number[] {
  const parents = globSync("/proc/[0-9]*/stat").flatMap((path) => {
    try {
      const [, id, rest] = /^(\d+) \(.*\) \S+ (\d+)/s.exec(readFileSync(path, "utf8")) ?? [];
      return [{ pid: Number(id), parent: Number(rest) }];
    } catch {
      return []; // It has ended meanwhile.
    }
  });
  const below = (one: number): number[] => [
    one,
    ...parents.filter(({ parent }) => parent === one).flatMap(({ pid }) => below(pid)),
  ];
  return below(pid);
}
