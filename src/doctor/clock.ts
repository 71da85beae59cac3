import { homeserverAddress } from "../homeserver/homeserver-request.ts";
import { checkOf, fault, ok, unseen, warning } from "./check.ts";
import { homeserversIn } from "./matrix-accounts.ts";

const [noticeable, harmful] = [30, 300];

/** This machine's clock against the homeserver's: times that differ make messages old, and keys expire. */
export const clockCheck = checkOf(
  "clock",
  async (config, { homeserver, now }, signal) => {
    const [address] = homeserversIn(config);
    if (address === undefined)
      return [ok(`${now().toISOString()}, time zone ${config.timezone}; nothing to hold it against`)];
    await homeserver.catch(() => {});
    const before = now().getTime();
    const response = await fetch(`${homeserverAddress(address)}/_matrix/client/versions`, {
      signal,
      redirect: "manual",
    }).catch(() => undefined);
    await response?.body?.cancel();
    const theirs = Date.parse(response?.headers.get("date") ?? "");
    if (Number.isNaN(theirs)) return [unseen("the homeserver does not tell its time")];
    // Its header has whole seconds.
    const ours = (before + now().getTime()) / 2;
    const apart = Math.round(Math.abs(ours - theirs - 500) / 1_000);
    if (apart < noticeable) return [ok(`agrees with the homeserver's; time zone ${config.timezone}`)];
    const text = `it is ${apart} s ${ours > theirs ? "ahead of" : "behind"} the homeserver's`;
    return [
      (apart < harmful ? warning : fault)(
        text,
        "set the wrong one of the two by the network: sudo timedatectl set-ntp true",
      ),
    ];
  },
  90_000,
);
