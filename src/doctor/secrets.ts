import { existsSync } from "node:fs";
import { secretsPath } from "../config/secrets.ts";
import { type Check, fault, ok, unseen } from "./check.ts";

/** Each secret that the config names is there, and nobody else can read them. */
export const secretsCheck: Check = {
  name: "secrets",
  async run({ home, ...ground }) {
    const secrets = await ground.secrets;
    if (secrets.warnings.length > 0) return secrets.warnings.map((one) => fault(one));
    const config = await ground.config.catch(() => undefined);
    if (!config) return [unseen("the config must be mended first: it says which are needed")];
    secrets.resolve(config);
    const path = secretsPath(home);
    return [ok(existsSync(path) ? `${path}, readable for you alone` : "none are needed")];
  },
};
