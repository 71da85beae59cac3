import { loadConfig } from "../config/config.ts";
import { loadSecrets } from "../config/secrets.ts";
import { homePaths } from "../home.ts";
import { silent } from "../log.ts";
import { takeOwnerLock } from "../store/owner-lock.ts";

/** `memtrix doctor devices`: lists the devices of the owners, and trusts them when asked to. */
export async function doctorDevices(args: string[], { home }: { home: string }): Promise<number> {
  const trusts = args[0] === "--trust";
  if (args.length > 1 || (args.length === 1 && !trusts)) {
    console.error("Usage: memtrix doctor devices [--trust]");
    return 2;
  }
  const { "main-agent": main, channels } = await loadConfig(home);
  const configured = channels[main.channel];
  if (configured?.type !== "matrix") {
    console.error(`${main.name} does not live in Matrix: there are no devices to look at.`);
    return 1;
  }
  const { data } = homePaths(home);
  using _lock = takeOwnerLock(data, "memtrix doctor devices", new Date());
  await using resources = new AsyncDisposableStack();
  const { openMatrixAccount } = await import("../open-matrix.ts");
  const { ownDevices, trustDevices } = await import("../channel/matrix/owner-devices.ts");
  const section = loadSecrets(home).resolve(configured);
  const options = {
    section,
    data,
    log: silent,
    now: () => new Date(),
    onProgress: (text: string) => console.error(text),
  };
  const connection = await openMatrixAccount(options, resources, AbortSignal.timeout(120_000));
  resources.defer(() => connection.close());
  resources.defer(() => connection.stop());
  await connection.start();

  const { keysStored, crossSigned, backup } = connection.health();
  const own = [
    keysStored ? "keys stored" : "keys NOT stored",
    crossSigned ? "cross-signed" : "NOT cross-signed (memtrix onboard sets that up)",
    backup ? "key backup on" : "NO key backup",
  ];
  console.log(`${connection.userId}, device ${connection.deviceId}: ${own.join(", ")}`);
  if (trusts) await trustDevices(connection.client, section.owners);
  const people = await ownDevices(connection.client, section.owners);
  for (const { user, identityChanged, devices } of people) {
    console.log(
      `${user}${identityChanged ? "  (its identity is another one than before: --trust takes the new one)" : ""}`,
    );
    for (const { id, name, counts } of devices)
      console.log(`  ${counts ? "counts" : "does not count"}\t${id}\t${name}`);
  }
  return people.every(({ identityChanged, devices }) => !identityChanged && devices.every(({ counts }) => counts))
    ? 0
    : 1;
}
