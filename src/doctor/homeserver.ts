import { messageOf } from "../errors.ts";
import { checkToken } from "../homeserver/accounts.ts";
import { endpoints } from "../homeserver/endpoints.ts";
import { askHomeserver } from "../homeserver/homeserver-request.ts";
import { checkOf, type Finding, fault, ok } from "./check.ts";
import { type AgentAccount, accountsOf, homeserversIn } from "./matrix-accounts.ts";

/** The homeserver answers, and takes the token of each agent. */
export const homeserverCheck = checkOf(
  "homeserver",
  async (config, { homeserver }, signal) => {
    const accounts = accountsOf(config);
    if (accounts.length === 0) return [ok("no agent lives in Matrix")];
    await homeserver;
    for (const address of homeserversIn(config))
      await askHomeserver({ homeserver: address, endpoint: endpoints.versions, limitMs: 10_000, signal });
    const problems = (await Promise.all(accounts.map((account) => problemOf(account, signal)))).flat();
    if (problems.length > 0) return problems;
    return [
      ok(`${homeserversIn(config).join(", ")} takes the token of ${accounts.map(({ userId }) => userId).join(", ")}`),
    ];
  },
  90_000,
);

async function problemOf({ homeserver, userId, accessToken }: AgentAccount, signal: AbortSignal): Promise<Finding[]> {
  try {
    const { userId: found } = await checkToken({ homeserver, accessToken, signal });
    if (found === userId) return [];
    return [fault(`the token of ${userId} is that of ${found}`, "memtrix onboard --relogin")];
  } catch (error) {
    return [fault(`${userId}: ${messageOf(error)}`)];
  }
}
