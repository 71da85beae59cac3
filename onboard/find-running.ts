import { type ConnectionTools, connect, openProvider } from "./connection.ts";

/** Waiting longer for a server on this machine would only hold people up. */
const patienceMs = 2000;

/** The providers that run a server at their usual address, with how many models each has. */
export async function findRunning(tools: ConnectionTools, signal: AbortSignal): Promise<Map<string, number>> {
  const found = await Promise.all(
    [...tools.modules.keys()].map(async (type): Promise<[string, number] | undefined> => {
      const answer = { section: type, type, settings: {}, secrets: {} };
      const opened = openProvider(answer, tools);
      if ("problem" in opened || !opened.provider.loadsModels) return undefined;
      const connection = await connect(answer, tools, { signal, patienceMs });
      return connection.problem === undefined ? [type, connection.models.length] : undefined;
    }),
  );
  return new Map(found.filter((each) => each !== undefined));
}
