import { join } from "node:path";
import type { SetUpKeys } from "../onboard/matrix/prepare.ts";
import { ConfigError } from "./errors.ts";
import { homePaths } from "./home.ts";
import type { Logger } from "./log.ts";

/** For an account that is still to be made. */
export async function newRecoveryKey(): Promise<string> {
  const keys = await import("./channel/matrix/keys.ts");
  return keys.newRecoveryKey();
}

/** How onboarding gives an account its keys: the device opens here for the first time, and stays. */
export function matrixKeys(home: string, log: Logger): SetUpKeys {
  return async ({ homeserver, userId, accessToken, password, recoveryKey }) => {
    // Everything about Matrix is slow to load, and most who onboard do without.
    const { openMatrixConnection } = await import("./channel/matrix/connection.ts");
    const { setUpKeys } = await import("./channel/matrix/keys.ts");
    const connection = await openMatrixConnection({
      ...{ homeserver, userId, accessToken, log, directory: join(homePaths(home).data, "matrix") },
      ...{ now: () => new Date(), ...(recoveryKey === undefined ? {} : { recoveryKey }) },
    });
    try {
      await connection.start();
      return await setUpKeys(connection, { password });
    } catch (error) {
      // Without them it can talk, in encrypted rooms too; it is only not shown as verified.
      if (error instanceof ConfigError) return { problem: error.message };
      throw error;
    } finally {
      await connection.stop();
      await connection.close();
    }
  };
}
