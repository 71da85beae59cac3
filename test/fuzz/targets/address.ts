import { isIP } from "node:net";
import { createEgress } from "../../../src/egress/egress.ts";
import { suggestedName } from "../../../src/egress/suggested-name.ts";
import { isPublic } from "../../support/public-address.ts";
import { check, type FuzzTarget, stateless } from "../fuzz-target.ts";
import { spoil } from "../spoil.ts";

const addresses = [
  ...["https://example.com/a/b?c=d&e=%20#f", "http://example.org:8080/", "http://bücher.example.com/ä?ö"],
  ...[
    "http://8.8.8.8/",
    "http://93.184.215.14:8443/x",
    "https://[2606:4700:4700::1111]/",
    "http://[2606:4700::8.8.8.8]/",
  ],
  ...["http://127.0.0.1/", "http://[::ffff:10.0.0.1]/", "http://localhost/", "http://169.254.169.254/latest/"],
  ...["http://xn--bcher-kva.example.com/", "http://user:password@example.com/", "http://2130706433/", "http://0x7f.1/"],
];
const pieces = [
  ...[
    "127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "[::1]",
    "localhost",
    ".local",
    "example.com",
    "0x7f000001",
    "0177.1",
  ],
  ...[
    "http://",
    "https:",
    "file:///",
    "::ffff:",
    "64:ff9b::",
    "%25eth0",
    ":80",
    ":0",
    ":65536",
    "@127.0.0.1",
    "#@10.0.0.1",
  ],
];
const headers = [`attachment; filename="a.txt"`, `inline; filename*=utf-8''%e2%82%ac.txt; filename=b`, "filename=x"];

const { judge } = createEgress({ allow: [] });

/** Addresses, and the names that servers give their files. */
export const addressTarget: FuzzTarget = {
  name: "address",
  open: stateless((random) => {
    const text = spoil(random.pick(addresses), random, pieces);
    const judgement = judge(text);
    check(judgement.rule !== "", "There is no reason", text);
    if (judgement.allow) {
      const again = judge(judgement.address);
      check(again.allow && again.address === judgement.address, "What would be asked for is judged otherwise", text);
      const host = new URL(judgement.address).hostname.replace(/^\[|\]$/g, "");
      check(isIP(host) === 0 || isPublic(host), "A private address was allowed", text);
    }
    const header = spoil(random.pick(headers), random);
    check(suggestedName(header) !== "", "A name is empty", header);
  }),
};
