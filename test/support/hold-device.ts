import { openDeviceDatabase } from "../../src/channel/matrix/device-database.ts";

// Holds the keys of the device given until it is killed.
const [, , directory = "", user = "", device = ""] = process.argv;
const held = openDeviceDatabase(directory, user, device);
process.send?.(held.folder);
process.once("disconnect", () => held[Symbol.dispose]());
