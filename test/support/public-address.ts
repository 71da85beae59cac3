import { BlockList, isIP } from "node:net";

const closed = new BlockList();
for (const text of [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16"],
  ...["172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"],
  ...["192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4"],
  "240.0.0.0/4",
])
  closed.addSubnet(text.split("/")[0] ?? "", Number(text.split("/")[1]), "ipv4");
for (const text of ["2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"])
  closed.addSubnet(text.split("/")[0] ?? "", Number(text.split("/")[1]), "ipv6");
const open = new BlockList();
open.addSubnet("2000::", 3, "ipv6");

/** The rules once more, by Node's own means: what the program's are held against. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !closed.check(address, "ipv4");
  if (family !== 6 || !open.check(address, "ipv6") || closed.check(address, "ipv6")) return false;
  return !isIsatap(address);
}

/** `::0:5efe:a.b.c.d`, `::200:5efe:a.b.c.d` and the two others: read from the address as a URL writes it. */
function isIsatap(address: string): boolean {
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail] = written.split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = [...front, ...Array<string>(8 - front.length - back.length).fill("0"), ...back];
  return ["0", "100", "200", "300"].includes(groups[4] ?? "") && groups[5] === "5efe";
}
