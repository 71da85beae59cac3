/** What is mutated together, and the tests that must notice. Tests that go for minutes or work by other processes are left out. */
export interface Area {
  name: string;
  mutate: string[];
  tests: string[];
}

export const areas: readonly Area[] = [
  {
    name: "policy",
    mutate: ["src/agent/policy.ts", "src/agent/labels.ts", "src/agent/permission.ts"],
    tests: ["test/agent/{policy,labels,permission,permission-one-call,derived}.test.ts"],
  },
  {
    name: "addresses",
    mutate: ["src/egress/{address-rules,ip-address,judge,look-up,opened,suggested-name,web-address}.ts"],
    tests: ["test/egress/{address-rules,judge,look-up,spellings,suggested-name}.test.ts"],
  },
  {
    name: "requests",
    mutate: ["src/egress/{body,connector,deadline,egress,egress-error,failure,hop,limits,redirect}.ts"],
    tests: ["test/egress/{connector,deadline,egress,failure,judge,redirect}.test.ts"],
  },
  {
    name: "git",
    mutate: ["src/egress/{git,git-objects,folder-size}.ts"],
    tests: ["test/egress/git.test.ts"],
  },
  {
    name: "clone",
    mutate: ["src/egress/clone.ts"],
    tests: ["test/egress/{clone,clone-address}.test.ts"],
  },
  {
    name: "sandbox",
    mutate: ["src/sandbox/*.ts"],
    tests: ["test/sandbox/!(killed|path-cases|race).test.ts"],
  },
];

/** Says to the test runner, which is another process, which area it is. */
export const areaVariable = "MEMTRIX_MUTATION_AREA";
