import type { ISyncResponse } from "matrix-js-sdk";
import { describe, expect, it, onTestFinished } from "vitest";
import { type DeviceDatabase, openDeviceDatabase } from "../../../src/channel/matrix/device-database.ts";
import { createPatientWrites } from "../../../src/channel/matrix/patient-writes.ts";
import { openSyncStore } from "../../../src/channel/matrix/sync-store.ts";
import { ConfigError } from "../../../src/errors.ts";
import { temporaryFolder } from "../../support/temporary.ts";

const room = "!room:example.org";

function openDevice(directory: string): DeviceDatabase {
  const device = openDeviceDatabase(directory, "@memtrix:example.org", "DEVICE");
  onTestFinished(() => {
    if (device.database.isOpen) device[Symbol.dispose]();
  });
  return device;
}

/** The sync that ends at position `number`, with one message; the first has the room's state as well. */
function sync(number: number): ISyncResponse {
  const event = {
    event_id: `$${number}`,
    type: "m.room.message",
    sender: "@ada:example.org",
    origin_server_ts: number,
  };
  const created = { ...event, event_id: "$create", type: "m.room.create", state_key: "", content: {} };
  const timeline = {
    events: [{ ...event, content: { body: `${number}` } }],
    limited: false,
    prev_batch: `s${number - 1}`,
  };
  return {
    next_batch: `s${number}`,
    to_device: { events: [{ type: "m.room_key", content: { session_key: "secret" } }] },
    rooms: { join: { [room]: { state: { events: number === 1 ? [created] : [] }, timeline } } },
  } as unknown as ISyncResponse;
}

const taken = async () => true;

function openAt(device: DeviceDatabase, handOver: Parameters<typeof openSyncStore>[2]) {
  return openSyncStore(device, createPatientWrites({ device, onWaiting() {}, onFailure() {} }), handOver);
}

describe("what a device has read", () => {
  it("stays over a restart, however many syncs there were", async () => {
    const directory = temporaryFolder();
    const device = openDevice(directory);
    const first = openAt(device, taken);
    expect(first.position).toBeUndefined();
    for (let number = 1; number <= 450; number += 1) await first.store.setSyncData(sync(number));
    expect(device.database.prepare("SELECT count(*) AS count FROM sync").get()?.count).toBeLessThan(250);
    device[Symbol.dispose]();

    const second = openAt(openDevice(directory), taken);
    expect(second.position).toBe("s450");
    const saved = await second.store.getSavedSync();
    const joined = saved?.roomsData.join[room];
    expect(joined?.timeline.events.at(-1)?.event_id).toBe("$450");
    expect(joined?.state?.events[0]?.event_id).toBe("$create");
  });

  it("counts only after it was handed over", async () => {
    const directory = temporaryFolder();
    const device = openDevice(directory);
    const first = openAt(device, async ({ next_batch }) => {
      if (next_batch === "s3") throw new Error("killed");
      return next_batch !== "s2";
    });
    await first.store.setSyncData(sync(1));
    await first.store.setSyncData(sync(2));
    await expect(first.store.setSyncData(sync(3))).rejects.toThrow("killed");
    device[Symbol.dispose]();
    expect(openAt(openDevice(directory), taken).position).toBe("s1");
  });

  it("holds none of the keys that came with a sync", async () => {
    const device = openDevice(temporaryFolder());
    await openAt(device, taken).store.setSyncData(sync(1));
    const rows = device.database.prepare("SELECT response FROM sync").all();
    expect(JSON.stringify(rows)).not.toContain("secret");
  });

  it("writes nothing but the position when a sync brings nothing", async () => {
    const device = openDevice(temporaryFolder());
    const store = openAt(device, taken);
    await store.store.setSyncData({ next_batch: "s9", rooms: { join: {} } } as unknown as ISyncResponse);
    expect(device.database.prepare("SELECT count(*) AS count FROM sync").get()?.count).toBe(0);
    expect(await store.store.getSavedSyncToken()).toBe("s9");
  });

  it("is refused when it was changed on the disk", async () => {
    const directory = temporaryFolder();
    const device = openDevice(directory);
    await openAt(device, taken).store.setSyncData(sync(1));
    device.database.exec("UPDATE position SET token = 's8'");
    device[Symbol.dispose]();
    expect(() => openAt(openDevice(directory), taken)).toThrow(ConfigError);
  });
});
