import { messageOf } from "../errors.ts";
import { type Check, type Finding, fault, type Ground } from "./check.ts";

/** What one check found. */
export interface Examined {
  name: string;
  findings: readonly Finding[];
}

const usualLimitMs = 20_000;

/** Makes all checks side by side, and gives what they found in their order, each as soon as it is known. */
export async function* examine(
  checks: readonly Check[],
  ground: Ground,
  signal: AbortSignal,
): AsyncGenerator<Examined> {
  const running = checks.map((check) => findingsOf(check, ground, signal));
  for (const [index, findings] of running.entries())
    yield { name: checks[index]?.name ?? "", findings: await findings };
}

async function findingsOf(
  { run, limitMs = usualLimitMs }: Check,
  ground: Ground,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const late = AbortSignal.timeout(limitMs);
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const limit = AbortSignal.any([signal, late]);
  limit.addEventListener("abort", () => reject(new Error(`no answer within ${limitMs / 1_000} s`)));
  try {
    return await Promise.race([run(ground, limit), ended]);
  } catch (error) {
    signal.throwIfAborted();
    return [fault(late.aborted ? `no answer within ${limitMs / 1_000} s` : messageOf(error))];
  }
}
