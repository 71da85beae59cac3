import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, it } from "vitest";
import { openFolder } from "../../src/sandbox/folder.ts";
import { createPlace } from "../support/place.ts";

const program = join(import.meta.dirname, "../support/write-forever.ts");

it("a file is one whole version, however often its writer is killed", { timeout: 120_000 }, async () => {
  using place = createPlace();
  let leftHalf = 0;
  for (let kill = 0; kill < 50; kill += 1) {
    const writer = spawn(process.execPath, [program, place.root], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(writer, "exit");
    await once(writer.stdout, "data");
    await setTimeout(Math.random() * 15);
    writer.kill("SIGKILL");
    await exited;

    if (readdirSync(join(place.root, "notes")).length > 1) leftHalf += 1;
    const folder = await openFolder(place.root);
    const content = (await folder.read("notes/file.txt"))?.toString() ?? "";
    expect(content).toMatch(/^(\d)\1{299999}$/);
    expect(readdirSync(join(place.root, "notes"))).toEqual(["file.txt"]);
  }
  expect(leftHalf, "kills in the midst of a write").toBeGreaterThan(5);
});
