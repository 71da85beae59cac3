import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { deviceOf } from "../../../src/channel/matrix/device-database.ts";
import { temporaryFolder } from "../../support/temporary.ts";

function noted(directory: string, folder: string, text: string): void {
  mkdirSync(join(directory, folder));
  writeFileSync(join(directory, folder, "device.json"), text);
}

describe("the device that an account has here", () => {
  it("is found beside the half note of a program that was killed", () => {
    const directory = temporaryFolder();
    noted(directory, "whole", JSON.stringify({ user: "@memtrix:example.org", device: "ABC" }));
    noted(directory, "half", '{"user":"@mem');
    expect(deviceOf(directory, "@memtrix:example.org")).toBe("ABC");
    expect(deviceOf(directory, "@other:example.org")).toBeUndefined();
  });
});
