import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { type SourceFile, sourceFiles } from "./support/source-files.ts";

const files = sourceFiles("src", "tools", "providers", "onboard");

/** What each part may import of ours when the program runs; the first line that fits a file counts. A folder ends in /. */
const directions: [part: string, mayImport: string[]][] = [
  // The composition root and the command line may reach everything.
  ["src/app.ts", ["src/", "onboard/"]],
  // The part of it that is done for each agent.
  ["src/open-agent.ts", ["src/"]],
  ["src/agent-files.ts", ["src/home.ts", "src/config/atomic-write.ts"]],
  ["src/team.ts", ["src/agent/ask-agent.ts"]],
  [
    "src/agents/",
    [
      ...["src/agent-files.ts", "src/config/", "src/homeserver/", "src/errors.ts", "src/sandbox/names.ts"],
      "src/one-at-a-time.ts",
    ],
  ],
  // A part of it, loaded only where Matrix is configured.
  ["src/open-matrix.ts", ["src/channel/matrix/", "src/homeserver/", "src/errors.ts"]],
  ["src/matrix-keys.ts", ["src/channel/matrix/", "src/errors.ts", "src/home.ts"]],
  // The same for the models that the memory is searched with.
  ["src/open-meaning.ts", ["src/memory/"]],
  ["src/main.ts", ["src/"]],
  ["src/launch.js", ["src/main.ts"]],
  ["src/cli/", ["src/", "onboard/"]],
  // Looks at every part.
  ["src/doctor/", ["src/"]],
  // The second account of the demo is one of the homeserver's, and shown as in a terminal.
  [
    "src/demo/",
    [
      "src/channel/matrix/",
      "src/channel/cli/",
      "src/homeserver/",
      "src/child/",
      "src/store/owner-lock.ts",
      "src/log.ts",
      "src/errors.ts",
    ],
  ],

  [
    "src/orchestrator.ts",
    [
      ...["src/lanes.ts", "src/command/command.ts", "src/store/", "src/model-error.ts"],
      ...["src/message-entries.ts", "src/run-failure.ts", "src/masked-reply.ts"],
    ],
  ],
  [
    "src/agent/",
    [
      ...["src/tool.ts", "src/provider.ts", "src/errors.ts", "src/origin.ts", "src/time.ts"],
      ...["src/model-error.ts", "src/model-failure.ts", "src/known-addresses.ts", "src/sandbox/visible.ts"],
      ...["src/memory/memory.ts", "src/memory/core-files.ts", "src/memory/journal.ts"],
    ],
  ],
  [
    "src/channel/matrix/",
    [
      ...["src/errors.ts", "src/origin.ts", "src/log.ts", "src/sandbox/names.ts", "src/store/owner-lock.ts"],
      "src/one-at-a-time.ts",
    ],
  ],
  ["src/channel/", ["src/errors.ts", "src/log.ts"]],
  ["src/command/", ["src/memory/memory.ts", "src/time.ts"]],
  ["src/memory/", ["src/store/", "src/child/", "src/errors.ts", "src/origin.ts", "src/time.ts"]],
  ["src/store/", ["src/errors.ts", "src/origin.ts"]],
  ["src/sandbox/", ["src/errors.ts", "src/origin.ts"]],
  ["src/egress/", []],
  ["src/reader/", ["src/errors.ts"]],
  ["src/open-egress.ts", ["src/egress/egress.ts", "src/errors.ts"]],
  ["src/config/", ["src/errors.ts", "src/home.ts", "src/one-at-a-time.ts"]],
  ["src/backup/", ["src/config/", "src/errors.ts", "src/home.ts", "src/store/owner-lock.ts"]],
  ["src/import/", ["src/config/", "src/errors.ts", "src/home.ts"]],
  ["src/homeserver/", ["src/child/", "src/errors.ts"]],
  ["src/child/", []],
  ["src/metrics/", ["src/errors.ts"]],
  // A concept of one file stands on others of one file.
  ["src/", ["src/*"]],

  [
    "tools/",
    [
      ...["src/tool.ts", "src/origin.ts", "src/time.ts", "src/text-difference.ts", "src/sandbox/", "src/egress/"],
      ...["src/memory/memory.ts", "src/memory/core-files.ts", "src/memory/journal.ts"],
    ],
  ],
  ["providers/", ["src/provider.ts", "src/model-error.ts"]],
  [
    "onboard/",
    [
      ...["src/config/", "src/provider.ts", "src/discover-providers.ts", "src/home.ts"],
      ...["src/errors.ts", "src/model-error.ts", "src/model-fetch.ts", "src/homeserver/"],
      // An account's keys are made when it is.
      ...["src/channel/matrix/connection.ts", "src/channel/matrix/keys.ts"],
    ],
  ],
];

/** What a part may not even know the types of. */
const strangers: [part: string, neverNames: string[]][] = [
  ["src/agent/", ["src/channel/", "src/command/", "src/config/", "src/orchestrator.ts"]],
  ["src/channel/", ["src/memory/", "src/orchestrator.ts"]],
  ["src/command/", ["src/channel/", "src/orchestrator.ts"]],
  ["src/memory/", ["src/agent/", "src/channel/", "src/command/", "src/config/"]],
  ["src/store/", ["src/agent/", "src/channel/", "src/command/", "src/config/", "src/memory/"]],
  ["src/sandbox/", ["src/agent/", "src/channel/", "src/command/", "src/config/", "src/memory/"]],
  ["src/egress/", ["src/agent/", "src/channel/", "src/command/", "src/config/", "src/memory/"]],
  ["tools/", ["src/agent/", "src/channel/", "src/command/", "src/config/"]],
  ["providers/", ["src/agent/", "src/channel/", "src/command/", "src/config/"]],
];

function within(path: string, place: string): boolean {
  if (place.endsWith("/*")) return path.startsWith(place.slice(0, -1)) && !path.slice(place.length - 1).includes("/");
  return place.endsWith("/") ? path.startsWith(place) : path === place;
}
const partOf = ({ path }: SourceFile) => directions.find(([part]) => within(path, part));
const isOurs = (path: string) => /^(?:src|tools|providers|onboard)\//.test(path);
const folderOf = (part: string) => (part.endsWith("/") && part !== "src/" ? [part] : []);

/** `importer → imported` for every import of ours that `forbidden` says yes to. */
function importsThat(forbidden: (importer: SourceFile, imported: string, typeOnly: boolean) => boolean): string[] {
  return files.flatMap((file) =>
    file.imports
      .filter(({ path, typeOnly }) => isOurs(path) && forbidden(file, path, typeOnly))
      .map(({ path }) => `${file.path} → ${path}`),
  );
}

describe("who may import whom", () => {
  it("is read from real import lines", () => {
    const root = files.find(({ path }) => path === "src/app.ts");
    expect(root?.imports).toContainEqual({ path: "src/orchestrator.ts", typeOnly: false });
    expect(root?.imports).toContainEqual({ path: "src/channel/channel.ts", typeOnly: true });
    const main = files.find(({ path }) => path === "src/main.ts");
    expect(main?.imports).toContainEqual({ path: "src/cli/start.ts", typeOnly: false });
    const paths = new Set(files.map(({ path }) => path));
    expect(importsThat((_file, path) => !paths.has(path))).toEqual([]);
  });

  it("is held by every file", () => {
    const wrong = importsThat((file, path, typeOnly) => {
      const [part = "", allowed = []] = partOf(file) ?? [];
      return !typeOnly && ![...folderOf(part), ...allowed].some((place) => within(path, place));
    });
    expect(wrong).toEqual([]);
  });

  it("is held by types as well where a part must not know another", () => {
    const wrong = importsThat((file, path) =>
      strangers.some(([part, never]) => within(file.path, part) && never.some((place) => within(path, place))),
    );
    expect(wrong).toEqual([]);
  });

  it("lets a channel know of the agent what it shows, and no more", () => {
    const wrong = importsThat((file, path) => {
      return within(file.path, "src/channel/") && path.startsWith("src/agent/") && path !== "src/agent/events.ts";
    });
    expect(wrong).toEqual([]);
  });

  it("leaves the composition root to the command line", () => {
    const wrong = importsThat((file, path) => {
      return path === "src/app.ts" && !within(file.path, "src/cli/") && file.path !== "src/main.ts";
    });
    expect(wrong).toEqual([]);
  });

  it("lets tools and providers share helpers, but not each other", () => {
    const wrong = importsThat((_file, path) => /^(?:tools|providers)\/[^_]/.test(path));
    expect(wrong).toEqual([]);
  });
});

describe("tools and providers", () => {
  it("are found by lying in their folders: nothing in src names one of the files", () => {
    const found = files.filter(({ path }) => /^(?:tools|providers)\//.test(path)).map(({ path }) => path);
    const wrong = files
      .filter(({ path }) => path.startsWith("src/"))
      .flatMap(({ path, text }) => found.filter((one) => text.includes(one)).map((one) => `${path} names ${one}`));
    expect(wrong).toEqual([]);
  });
});

describe("a module", () => {
  /** The lines at the left margin, where a module does what it does on import; without comments and texts. */
  const marginOf = ({ text }: SourceFile) =>
    text
      .replace(/`(?:[^`\\]|\\[\s\S])*`/g, "``")
      .split("\n")
      .filter((line) => /^[\w$[({]/.test(line));

  function lines(wrong: RegExp, except: string[] = []): string[] {
    return files
      .filter(({ path }) => !except.includes(path))
      .flatMap((file) =>
        marginOf(file)
          .filter((line) => wrong.test(line))
          .map((line) => `${file.path}: ${line}`),
      );
  }

  it("only declares: nothing happens by importing it", () => {
    // The last is a thread, which begins by being loaded.
    const starts = ["src/main.ts", "src/launch.js", "src/reader/thread.ts", "src/memory/embedder-worker.ts"];
    const declares = /^(?:import|export|const|let|var|function|async function|type|interface|declare|class)\b/;
    const doing = lines(/^/, starts).filter((line) => !declares.test(line.slice(line.indexOf(": ") + 2)));
    expect(doing).toEqual([]);
    expect(lines(/^import\s+"/)).toEqual([]);
  });

  it("holds nothing that a setter could change", () => {
    expect(lines(/^(?:export\s+)?(?:let|var)\b/, ["src/launch.js"])).toEqual([]);
  });

  it("declares no class but errors", () => {
    const classes = files.flatMap(({ path, text }) =>
      [...text.matchAll(/^\s*(?:export\s+)?(?:default\s+)?(?:abstract\s+)?class\s+(.*)$/gm)].map(([, head = ""]) => [
        path,
        head,
      ]),
    );
    expect(classes.length).toBeGreaterThan(0);
    expect(classes.filter(([, head]) => !/^\w+Error extends \w*Error\b/.test(head ?? ""))).toEqual([]);
  });

  it("is no longer than three hundred lines", () => {
    const long = files.filter(({ text }) => text.split("\n").length > 301).map(({ path }) => path);
    expect(long).toEqual([]);
  });

  it("is called after what it does", () => {
    const vague = /^_?(?:utils?|helpers?|common|manager|service|misc|shared)$|-(?:utils?|helpers?|manager|service)$/;
    const names = files.flatMap(({ path }) => path.split("/").map((part) => basename(part).replace(/\.\w+$/, "")));
    expect(names.filter((name) => vague.test(name))).toEqual([]);
  });
});
