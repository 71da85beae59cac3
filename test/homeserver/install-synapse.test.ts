import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { installSynapse } from "../../src/homeserver/install-synapse.ts";
import { temporaryFolder } from "../support/temporary.ts";

/** For this test, the machine's python3 is this shell script, or there is none. */
function pythonIs(script: string | undefined): string {
  const folder = temporaryFolder();
  if (script !== undefined) {
    writeFileSync(join(folder, "python3"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "python3"), 0o755);
  }
  const path = process.env.PATH;
  process.env.PATH = `${folder}${script === undefined ? "" : ":/usr/bin:/bin"}`;
  onTestFinished(() => {
    process.env.PATH = path;
  });
  return join(folder, "venv");
}

const newEnough = 'case "$*" in *version_info*) echo "True 3.13.1";';

describe("a machine on which the homeserver cannot be installed", () => {
  it("has no Python: says how to get it", async () => {
    const directory = pythonIs(undefined);
    await expect(installSynapse({ directory })).rejects.toThrow(
      "The private homeserver needs Python 3.10 or newer, and there is none: on Debian and Ubuntu: apt install python3 python3-venv; on macOS: brew install python.",
    );
  });

  it("has a Python that is too old: says which", async () => {
    const directory = pythonIs('echo "False 3.8.10"');
    await expect(installSynapse({ directory })).rejects.toThrow("and python3 is 3.8.10: on Debian");
  });

  it("has Python without its venv module, as Debian does: says which package to add", async () => {
    const directory = pythonIs(
      `${newEnough} ;; *) echo "The virtual environment was not created successfully because ensurepip is not"; exit 1;; esac`,
    );
    await expect(installSynapse({ directory })).rejects.toThrow("apt install python3-venv; then try again.");
  });

  it("does not reach the packages: says what pip said, and can be tried again", async () => {
    const pip = '#!/bin/sh\\necho "ERROR: No matching distribution found for matrix-synapse" >&2\\nexit 1\\n';
    const makesVenv = `*) mkdir -p "$3/bin"; printf '${pip}' > "$3/bin/python"; chmod +x "$3/bin/python";;`;
    const directory = pythonIs(`${newEnough} ;; ${makesVenv} esac`);
    await expect(installSynapse({ directory })).rejects.toThrow(
      "The homeserver cannot be installed (ERROR: No matching distribution found for matrix-synapse). Check that",
    );
    expect(existsSync(join(directory, "installed"))).toBe(false);
  });

  it("is told to stop in the middle: stops at once", async () => {
    const directory = pythonIs(`${newEnough} ;; *) exec sleep 60;; esac`);
    const stop = new AbortController();
    const told = installSynapse({ directory, signal: stop.signal, onProgress: () => stop.abort() });
    await expect(told).rejects.toThrow(/abort/i);
  });
});

it("leaves an installation that is whole as it is", async () => {
  const directory = join(temporaryFolder(), "venv");
  mkdirSync(join(directory, "bin"), { recursive: true });
  writeFileSync(join(directory, "bin/python"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  writeFileSync(join(directory, "installed"), "matrix-synapse==1.163.2\nmatrix-nio[e2e]==0.26.0");
  const said: string[] = [];
  expect(await installSynapse({ directory, onProgress: (sentence) => said.push(sentence) })).toBe(
    join(directory, "bin/python"),
  );
  expect(said).toEqual([]);
});
