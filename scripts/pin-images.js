import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** `image: name:version` or `FROM name:version`, with the digest of an earlier time or none. */
const named = /^(\s*image: |FROM )([^\s@]+:[^\s@]+)(@sha256:[0-9a-f]{64})?(?=\s|$)/gm;
const ours = "memtrix:local";

/**
 * Fetches each image that the files in `root` name by version, and writes the digest that its registry gave behind the
 * version. From then on it is that very image, whatever the version is made to mean.
 */
export function pinImages(root) {
  const seen = new Map();
  for (const file of ["Dockerfile", "docker-compose.yml"]) {
    const path = join(root, file);
    const text = readFileSync(path, "utf8").replace(named, (line, before, image) => {
      if (image === ours) return line;
      if (!seen.has(image)) seen.set(image, digestOf(image));
      return `${before}${image}@${seen.get(image)}`;
    });
    writeFileSync(path, text);
  }
  for (const [image, digest] of seen) console.log(`${digest}  ${image}`);
}

function digestOf(image) {
  execFileSync("docker", ["pull", "--quiet", image], { stdio: ["ignore", "ignore", "inherit"] });
  const format = "{{range .RepoDigests}}{{println .}}{{end}}";
  const known = execFileSync("docker", ["image", "inspect", "--format", format, image], { encoding: "utf8" });
  const name = image.slice(0, image.lastIndexOf(":")).replace(/^docker\.io\//, "");
  const digest = known.split("\n").find((line) => line.startsWith(`${name}@`));
  if (!digest) throw new Error(`The registry told no digest for ${image}.`);
  return digest.slice(digest.indexOf("@") + 1);
}
