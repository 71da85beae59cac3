import type { Config } from "../../src/config/schema.ts";

/** Where on Matrix the agent is to live, and as whom. */
export type MatrixAnswer = PrivateMatrix | MatrixElsewhere | KeptMatrix;

/** A homeserver of our own on this machine, with an account for the agent and one for its owner. */
export interface PrivateMatrix {
  kind: "here";
  /** The first part of their id: `ada` of @ada:memtrix.local */
  owner: string;
}

/** A homeserver that is there. */
export interface MatrixElsewhere {
  kind: "elsewhere";
  homeserver: string;
  login: MatrixLogin;
  /** Full ids; they may do all. */
  owners: string[];
  /** Opens the keys of an account that has some. */
  recoveryKey?: string | undefined;
}

export type MatrixLogin =
  | { by: "token"; accessToken: string; userId?: string | undefined }
  | { by: "password"; userId: string; password: string }
  /** Makes the account. */
  | { by: "registration-token"; userId: string; registrationToken: string };

/** As the config has it. */
export interface KeptMatrix {
  kind: "kept";
  owners: string[];
}

export type MatrixSection = Extract<Config["channels"][string], { type: "matrix" }>;

/** The channel on Matrix that a config has already, with its name; at first one called "matrix". */
export function matrixSection(existing: Config | undefined): { name: string; section: MatrixSection | undefined } {
  const channels = Object.entries(existing?.channels ?? {});
  const main = existing?.["main-agent"].channel;
  const known = channels.filter(([, { type }]) => type === "matrix");
  const [name, section] = known.find(([each]) => each === main) ?? known[0] ?? [];
  return { name: name ?? "matrix", section: section as MatrixSection | undefined };
}

/** What is wrong with a full id, in a sentence. */
export function userIdProblem(userId: string): string | undefined {
  if (/^@[a-z0-9._=/+-]{1,200}:(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?$/.test(userId)) return undefined;
  if (/^[a-z0-9._=/+-]+$/i.test(userId))
    return `Write the whole id, with the server: @${userId.toLowerCase()}:example.org`;
  return "A Matrix id has the form @ada:example.org, the name in small letters.";
}

/** What is wrong with the first part of an id, in a sentence. */
export function localpartProblem(name: string): string | undefined {
  if (/^[a-z0-9][a-z0-9._=-]{0,63}$/.test(name)) return undefined;
  return "A name has small letters a to z, digits, and . _ = - only.";
}

export function ownersProblem(owners: readonly string[], agent: string | undefined): string | undefined {
  if (owners.length === 0) return "The agent needs an owner: your own full Matrix id.";
  if (agent !== undefined && owners.includes(agent)) return `${agent} is the agent's own account; name yours.`;
  return owners.map(userIdProblem).find((problem) => problem !== undefined);
}
