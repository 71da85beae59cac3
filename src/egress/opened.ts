import { placeKey } from "./judge.ts";
import { readWebAddress } from "./web-address.ts";

/** Reads what the owner has opened, each `host:port`. Throws one sentence for what is neither. */
export function openedPlaces(entries: readonly string[]): Set<string> {
  return new Set(
    entries.map((entry) => {
      const address = /:\d+$/.test(entry) && !/[/?#]/.test(entry) ? readWebAddress(`http://${entry}`) : "";
      if (typeof address === "string")
        throw new Error(`"${entry}" is no host:port such as 192.168.1.5:8123 or nas.lan:5000.`);
      return placeKey(address.host, address.port);
    }),
  );
}
