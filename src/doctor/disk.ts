import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { type Check, fault, ok, warning } from "./check.ts";

const mib = 1024 ** 2;
const [tooLittle, little] = [100 * mib, 1024 * mib];

/** Room for what is said, kept and fetched. */
export const diskCheck: Check = {
  name: "disk",
  async run({ home, paths }) {
    const place = existsSync(paths.data) ? paths.data : home;
    const { bavail, bsize } = await statfs(place);
    const free = bavail * bsize;
    const text = `${free < 10 * little ? `${Math.floor(free / mib)} MiB` : `${Math.floor(free / little)} GiB`} free for ${place}`;
    const remedy = "make room there: nothing can be remembered on a full disk";
    if (free < tooLittle) return [fault(text, remedy)];
    return [free < little ? warning(text, remedy) : ok(text)];
  },
};
