import { FlagError, type Flags, refuse, textOfFlag } from "../flags.ts";
import { type SecretSources, secretFromFlags } from "../secret-flags.ts";
import type { Setup } from "../setup.ts";
import {
  localpartProblem,
  type MatrixAnswer,
  type MatrixLogin,
  matrixSection,
  ownersProblem,
  userIdProblem,
} from "./answer.ts";
import { checkHomeserver } from "./check-homeserver.ts";

/** `answer` is there when nothing is missing. */
export interface MatrixResult {
  answer?: MatrixAnswer;
  missing: string[];
}

/** What `--homeserver` says for one of our own on this machine. */
export const here = "here";

/** The Matrix account that flags name; what is not said stays as the config has it. Throws a FlagError. */
export async function matrixFromFlags(flags: Flags, setup: Setup, sources: SecretSources): Promise<MatrixResult> {
  const { section } = matrixSection(setup.existing);
  const asked = textOfFlag(flags, "homeserver");
  const owners = textOfFlag(flags, "owner")
    ?.split(/[\s,]+/)
    .filter(Boolean);
  if (asked === here) return hereFromFlags(owners);

  const login = await loginFromFlags(flags, sources);
  if (asked === undefined && section && !login) {
    const kept = owners ?? section.owners;
    refuse("owner", ownersProblem(kept, section.user_id));
    return { answer: { kind: "kept", owners: kept }, missing: [] };
  }

  const homeserver = asked ?? section?.homeserver;
  const missing = [
    ...(homeserver === undefined
      ? [`--homeserver  its address, or "${here}" for one of your own on this machine`]
      : []),
    ...(login === undefined
      ? ["--access-token-env  the agent's account; or --user-id with --password-env or --registration-token-env"]
      : []),
    ...(owners === undefined && section === undefined
      ? ["--owner  your own full Matrix id, e.g. @ada:example.org"]
      : []),
  ];
  const known = owners ?? section?.owners ?? [];
  if (missing.length === 0 || owners !== undefined)
    refuse("owner", ownersProblem(known, login && "userId" in login ? login.userId : undefined));
  if (homeserver !== undefined && !flags["no-check"])
    refuse("homeserver", await checkHomeserver(homeserver, setup.surroundings));
  if (homeserver === undefined || login === undefined || missing.length > 0) return { missing };
  const recoveryKey = await secretFromFlags(flags, "recovery-key", sources);
  return { answer: { kind: "elsewhere", homeserver, login, owners: known, recoveryKey }, missing };
}

function hereFromFlags(owners: readonly string[] | undefined): MatrixResult {
  if (!owners?.[0]) return { missing: ["--owner  the name of your account on it, e.g. ada"] };
  if (owners.length > 1) throw new FlagError("--owner: on a homeserver of your own begin with one owner.");
  const owner = owners[0].replace(/^@/, "").replace(/:.*$/, "");
  refuse("owner", localpartProblem(owner));
  return { answer: { kind: "here", owner }, missing: [] };
}

async function loginFromFlags(flags: Flags, sources: SecretSources): Promise<MatrixLogin | undefined> {
  const accessToken = await secretFromFlags(flags, "access-token", sources);
  const password = await secretFromFlags(flags, "password", sources);
  const registrationToken = await secretFromFlags(flags, "registration-token", sources);
  const userId = textOfFlag(flags, "user-id");
  if ([accessToken, password, registrationToken].filter((each) => each !== undefined).length > 1)
    throw new FlagError("--access-token-env, --password-env and --registration-token-env are three ways: choose one.");
  if (accessToken !== undefined) return { by: "token", accessToken };
  if (password === undefined && registrationToken === undefined) return undefined;
  if (userId === undefined) throw new FlagError("--user-id: name the agent's account, e.g. @memtrix:example.org.");
  refuse("user-id", userIdProblem(userId));
  if (password !== undefined) return { by: "password", userId, password };
  return { by: "registration-token", userId, registrationToken: registrationToken ?? "" };
}
