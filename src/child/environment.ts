const forAll = ["PATH", "HOME", "LANG", "LC_ALL", "TMPDIR"];

const forInstalling = /^(PIP_|(HTTPS?|NO|ALL)_PROXY$|SSL_CERT_(FILE|DIR)$|REQUESTS_CA_BUNDLE$)/i;

/** All of our environment that a server of ours gets to see. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  // Less memory: glibc would give each thread a heap of its own.
  return { ...picked((name) => forAll.includes(name)), MALLOC_ARENA_MAX: "2" };
}

/** As much as installing it needs: also how this machine reaches the network. */
export function installEnvironment(): NodeJS.ProcessEnv {
  return picked((name) => forAll.includes(name) || forInstalling.test(name));
}

function picked(wanted: (name: string) => boolean): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => wanted(name)));
}
