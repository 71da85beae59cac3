import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** Whether nobody listens on that port of 127.0.0.1. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}

/** The first free one of `count` ports from `first` on. */
export async function firstFree(first: number, count: number): Promise<number | undefined> {
  for (let port = first; port < first + count; port++) {
    if (await isFree(port)) return port;
  }
  return undefined;
}

/** Some port that nobody listens on. */
export async function anyFree(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
