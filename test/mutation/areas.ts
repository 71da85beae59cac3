/** What is mutated together, and the tests that must notice. Tests that go for minutes or work by other processes are left out. */
export interface Area {
  name: string;
  mutate: string[];
  tests: string[];
}

const sandboxTests = ["folder", "names", "workspace", "confined-folder", "real-paths", "visible"];

export const areas: readonly Area[] = [
  {
    name: "policy",
    mutate: ["src/agent/policy.ts", "src/agent/labels.ts", "src/agent/permission.ts"],
    tests: ["test/agent/{policy,labels,permission,derived}.test.ts"],
  },
  {
    name: "egress",
    mutate: ["src/egress/!(git|clone|git-objects|folder-size).ts"],
    tests: ["test/egress/!(clone|git|rebinding|ssrf-cases).test.ts"],
  },
  {
    name: "git",
    mutate: ["src/egress/{git,clone,git-objects,folder-size}.ts"],
    tests: ["test/egress/{clone,git}.test.ts"],
  },
  {
    name: "sandbox",
    mutate: ["src/sandbox/*.ts"],
    tests: [`test/sandbox/{${sandboxTests.join(",")}}.test.ts`],
  },
];

/** Says to the test runner, which is another process, which area it is. */
export const areaVariable = "MEMTRIX_MUTATION_AREA";
