import { openFolder } from "../../src/sandbox/folder.ts";

// Run as a program: writes one whole version after the other into the same file until it is killed.
const [root = ""] = process.argv.slice(2);
const folder = await openFolder(root);
for (let version = 0; ; version += 1) {
  await folder.write("notes/file.txt", `${version % 10}`.repeat(300_000));
  if (version === 0) process.stdout.write("ready\n");
}
