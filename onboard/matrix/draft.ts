import { userInfo } from "node:os";
import type { Config } from "../../src/config/schema.ts";
import { localpartProblem, type MatrixAnswer, type MatrixLogin, matrixSection } from "./answer.ts";

/** What the wizard knows of Matrix so far. */
export interface MatrixDraft {
  where: MatrixPlace;
  /** As typed: the name of an account to make, or full ids. */
  owners: string;
  homeserver: string;
  by: MatrixLogin["by"];
  userId: string;
  /** The token or the password. */
  secret: string;
}

/** `kept`: as the config has it. `none`: this terminal only. */
export type MatrixPlace = "kept" | "here" | "elsewhere" | "none";

/** One screen. */
export type MatrixStep = { kind: "channel" | "homeserver" | "login" | "user-id" | "login-secret" | "owners" };

export function matrixDraftFrom(existing: Config | undefined): MatrixDraft {
  const { name, section } = matrixSection(existing);
  const isUsed = section !== undefined && existing?.["main-agent"].channel === name;
  const where = isUsed ? "kept" : existing ? "none" : "here";
  return {
    where,
    owners: where === "here" ? usualOwner() : (section?.owners.join(", ") ?? ""),
    homeserver: section?.homeserver ?? "",
    by: "token",
    userId: section?.user_id ?? "",
    secret: "",
  };
}

/** The screens about Matrix, in their order. */
export function matrixSteps({ where, by }: MatrixDraft): MatrixStep[] {
  const account: MatrixStep[] = [{ kind: "homeserver" }, { kind: "login" }];
  if (by !== "token") account.push({ kind: "user-id" });
  account.push({ kind: "login-secret" });
  return [
    { kind: "channel" },
    ...(where === "elsewhere" ? account : []),
    ...(where === "none" ? [] : [{ kind: "owners" } as const]),
  ];
}

/** What the owner's own account is called, to begin with: as they are called on this machine. */
export function usualOwner(): string {
  const { username } = userInfo();
  const isNobody = ["root", "node", "memtrix", "nobody"].includes(username);
  return isNobody || localpartProblem(username) ? "owner" : username;
}

/** Another place has other owners. */
export function withPlace(draft: MatrixDraft, where: MatrixPlace, existing: Config | undefined): MatrixDraft {
  const owners = matrixSection(existing).section?.owners.join(", ") ?? "";
  return { ...draft, where, owners: where === draft.where ? draft.owners : where === "here" ? usualOwner() : owners };
}

export function ownersOf({ owners }: Pick<MatrixDraft, "owners">): string[] {
  return owners.split(/[\s,]+/).filter(Boolean);
}

export function matrixAnswerOf(draft: MatrixDraft): MatrixAnswer | undefined {
  const owners = ownersOf(draft);
  switch (draft.where) {
    case "none":
      return undefined;
    case "kept":
      return { kind: "kept", owners };
    case "here":
      return { kind: "here", owner: owners[0] ?? "" };
    case "elsewhere":
      return { kind: "elsewhere", homeserver: draft.homeserver, login: loginOf(draft), owners };
  }
}

function loginOf({ by, userId, secret }: MatrixDraft): MatrixLogin {
  if (by === "token") return { by, accessToken: secret, userId };
  return by === "password" ? { by, userId, password: secret } : { by, userId, registrationToken: secret };
}
