import { mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import { program } from "../support/program.ts";
import { canRunSynapse, synapsePython } from "../support/synapse-venv.ts";
import { temporaryHome } from "../support/temporary-home.ts";

/** What people leave in place, and what other programs have shipped. */
const knownDefaults =
  /change.?me|default|example|insecure|memtrix|password|placeholder|qwerty|secret|ultrasecretkey|12345678/i;

/** Every secret of a new installation with a homeserver of its own, by name. */
async function secretsOfNewInstallation(): Promise<Record<string, string>> {
  using home = temporaryHome();
  await using memtrix = program({ home: home.path });
  mkdirSync(join(home.path, "data/homeserver"), { recursive: true });
  // The one that all tests share, in the place where it looks for its own.
  symlinkSync(dirname(dirname((await synapsePython()) ?? "")), join(home.path, "data/homeserver/venv"));
  const flags = ["--name", "Memtrix", "--provider", "rehearsal", "--channel", "matrix", "--timezone", "UTC"];
  const onboarded = memtrix.start(["onboard", ...flags, "--homeserver", "here", "--owner", "ada"], {
    limitMs: 120_000,
  });
  const { code, stdout, stderr } = await onboarded.ended;
  expect({ code, stderr }).toMatchObject({ code: 0 });

  const read = (name: string) => readFileSync(join(home.path, name), "utf8");
  // One that is told once stays as an empty line.
  const kept = Object.entries(parseEnv(read(".env"))).filter(([, value]) => value !== "");
  return {
    ...Object.fromEntries(kept),
    ...JSON.parse(read("data/homeserver/private.json")).secrets,
    ownersPassword: /^ {4}(\w{24})$/m.exec(stdout)?.[1],
  };
}

describe.skipIf(!(await canRunSynapse()))("M50: the secrets of an installation", { timeout: 240_000 }, () => {
  it("are made anew: two have none in common, and none is one that anybody could guess", async () => {
    const [one, other] = [await secretsOfNewInstallation(), await secretsOfNewInstallation()];
    expect(Object.keys(one).sort()).toEqual([
      "MEMTRIX_SECRET_MATRIX_ACCESS_TOKEN",
      "MEMTRIX_SECRET_MATRIX_PASSWORD",
      "MEMTRIX_SECRET_MATRIX_RECOVERY_KEY",
      "formSecret",
      "macaroonSecretKey",
      "ownersPassword",
      "registrationSharedSecret",
      "signingKey",
    ]);
    expect(Object.keys(other)).toEqual(Object.keys(one));
    const all = [...Object.values(one), ...Object.values(other)];
    expect(new Set(all).size).toBe(all.length);
    for (const [name, secret] of [...Object.entries(one), ...Object.entries(other)]) {
      expect(secret.length, name).toBeGreaterThanOrEqual(24);
      expect(new Set(secret).size, name).toBeGreaterThanOrEqual(10);
      expect(secret, name).not.toMatch(knownDefaults);
    }
  });
});
