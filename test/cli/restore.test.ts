import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { openDeviceDatabase } from "../../src/channel/matrix/device-database.ts";
import { restoredDevice } from "../../src/channel/matrix/restored-device.ts";
import { restore } from "../../src/cli/restore.ts";
import { passphrase, sealedBackup } from "../backup/rig.ts";
import { temporaryFolder } from "../support/temporary.ts";

it("a restored device knows when it was saved, however long ago: what was answered since is looked for from there", async () => {
  const [saved, home, file] = [temporaryFolder(), temporaryFolder(), join(temporaryFolder(), "saved.backup")];
  const open = (directory: string) => openDeviceDatabase(directory, "@memtrix:example.org", "DEVICE");
  const device = open(saved);
  device[Symbol.dispose]();
  const path = join(device.folder, "device.db");
  const files = { "data/config.json": "{}", [`data/matrix/${relative(saved, path)}`]: readFileSync(path) };
  writeFileSync(file, await sealedBackup(files));
  vi.spyOn(console, "log").mockImplementation(() => {});
  vi.stubEnv("RESTORE_PASSPHRASE", passphrase);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  expect(await restore([file, "--passphrase-env", "RESTORE_PASSPHRASE"], { home })).toBe(0);
  using restored = open(join(home, "data/matrix"));
  expect(restoredDevice(restored)).toEqual({ from: new Date("2026-11-21T10:00:00Z"), next: "keys" });
});
