import { expect, it, onTestFinished } from "vitest";
import { openDeviceDatabase } from "../../../src/channel/matrix/device-database.ts";
import {
  forgetRestored,
  markRestored,
  putSessionsBack,
  restoredDevice,
  takeSessionsAway,
} from "../../../src/channel/matrix/restored-device.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const backedUpAt = new Date("2026-11-20T12:00:00Z");

/** A device with records of the crypto store, by their keys. */
function deviceWith(...keys: readonly string[]) {
  const directory = temporaryFolder();
  const open = () => openDeviceDatabase(directory, "@memtrix:example.org", "DEVICE");
  let device = open();
  onTestFinished(() => device[Symbol.dispose]());
  const put = (key: string, store = "session"): void =>
    void device.database
      .prepare("INSERT INTO record (database, store, key, value, checksum) VALUES ('crypto', ?, ?, ?, 0)")
      .run(store, JSON.stringify(key), Buffer.from(key));
  for (const key of keys) put(key);
  put("!room", "outbound_group_sessions");
  return {
    put,
    restored(from = backedUpAt) {
      device[Symbol.dispose]();
      markRestored(directory, from);
      device = open();
      return device;
    },
    keys: () =>
      device.database
        .prepare("SELECT key FROM record ORDER BY key")
        .all()
        .map(({ key }) => JSON.parse(String(key))),
  };
}

it("a restored device has its old sessions back beside new ones, and where there is no new one it has none", () => {
  const { put, restored, keys } = deviceWith("ada\u001dold", "ben\u001dold");
  const device = restored();
  expect(restoredDevice(device)).toEqual({ from: backedUpAt, next: "keys" });
  takeSessionsAway(device);
  expect(keys()).toEqual([]);
  put("ada\u001dnew");
  putSessionsBack(device);
  expect(keys()).toEqual(["ada\u001dnew", "ada\u001dold"]);
  expect(restoredDevice(device)?.next).toBe("messages");
  forgetRestored(device);
  expect(restoredDevice(device)).toBeUndefined();
});

it("a device that is restored again, before it dealt with the first time, looks back to the earlier backup", () => {
  const { restored } = deviceWith();
  takeSessionsAway(restored());
  const again = restored(new Date("2026-11-21T12:00:00Z"));
  expect(restoredDevice(again)).toEqual({ from: backedUpAt, next: "keys" });
});

it("renewing that was broken off begins anew, and loses no session", () => {
  const { put, restored, keys } = deviceWith("ada\u001dold");
  const device = restored();
  takeSessionsAway(device);
  put("ada\u001dbroken off");
  takeSessionsAway(device);
  expect(keys()).toEqual([]);
  put("ada\u001dnew");
  putSessionsBack(device);
  expect(keys()).toEqual(["ada\u001dbroken off", "ada\u001dnew", "ada\u001dold"]);
});
