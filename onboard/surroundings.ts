/** Where the program runs, as far as the usual addresses go by it. */
export interface Surroundings {
  /** Hosts on which a server of "this machine" is looked for, the usual one first. */
  hosts(serverType: string): readonly string[];
  /** The homeserver that stands beside the program; without one, "on this machine" is a private one of its own. */
  homeserver: { address: string; forPeople: string } | undefined;
  searxng: string | undefined;
  /** How the program is begun, in a sentence. */
  howToStart: string;
  /** What talks to the agent in a terminal. */
  chatCommand: string;
  inContainer: boolean;
}

/** MEMTRIX_IN_CONTAINER says that the program runs in the container of docker-compose.yml. */
export function surroundingsOf(env: NodeJS.ProcessEnv): Surroundings {
  return /^(1|true|yes)$/i.test(env.MEMTRIX_IN_CONTAINER ?? "") ? container : machine;
}

const machine: Surroundings = {
  hosts: () => ["127.0.0.1"],
  homeserver: undefined,
  searxng: undefined,
  howToStart: "Start it: npm start",
  chatCommand: "npm start",
  inContainer: false,
};

const container: Surroundings = {
  // The machine itself, then a server of this type among the containers.
  hosts: (serverType) => [hostOfContainers, serverType],
  homeserver: { address: "http://conduit:6167", forPeople: "http://127.0.0.1:6167" },
  searxng: "http://searxng:8080",
  // onboard.sh does so.
  howToStart: "It is started now; after a restart of this machine: docker compose up -d",
  chatCommand: "docker compose run --rm memtrix chat",
  inContainer: true,
};

const hostOfContainers = "host.docker.internal";
const ownHosts = ["127.0.0.1", "localhost", "[::1]", "0.0.0.0"];

/** An address on this machine, as it is reached from here: in a container by the name `host`. Others stay. */
export function asReached(address: unknown, host: string): unknown {
  if (!isOwnAddress(address) || ownHosts.includes(host)) return address;
  const url = new URL(String(address));
  url.hostname = host;
  return url.href.replace(/\/$/, String(address).endsWith("/") ? "/" : "");
}

/** True for an address whose server is on the machine, or in the container, that asks. */
export function isOwnAddress(address: unknown): boolean {
  return URL.canParse(String(address)) && ownHosts.includes(new URL(String(address)).hostname);
}

/** What to know about an address that does not answer; undefined where there is nothing to say. */
export function adviceOn(address: unknown, { inContainer }: Surroundings): string | undefined {
  if (!inContainer || !isOwnAddress(address)) return undefined;
  return `Memtrix runs in a container, and ${new URL(String(address)).hostname} is the container itself; the machine around it is ${asReached(address, hostOfContainers)}.`;
}
