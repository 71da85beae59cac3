import { type Check, fault, ok } from "./check.ts";

const oldest = 24;

export const nodeCheck: Check = {
  name: "Node",
  async run({ nodeVersion }) {
    if (Number.parseInt(nodeVersion, 10) >= oldest) return [ok(nodeVersion)];
    return [
      fault(
        `this is Node ${nodeVersion}, and Memtrix needs ${oldest} or newer`,
        "start it with npm start or npx memtrix, which bring one along, or install a newer one from https://nodejs.org",
      ),
    ];
  },
};
