import type { ModelMessage } from "ai";
import type { Effect } from "../tool.ts";
import type { AskInView } from "./ask-in-view.ts";
import type { ModelReply } from "./ask-model.ts";
import { type Claim, claimIn, type Language } from "./claim-patterns.ts";
import { programSays } from "./program-says.ts";

export interface ClaimsOptions {
  ask(how: AskInView): Promise<ModelReply>;
  /** The effects of the calls of this run that did what they should. */
  effects(): readonly string[];
  /** False where the memory is closed: then the model is not asked to use it. */
  canRemember: boolean;
  /** What was shown of an answer is void. */
  onVoid(): void;
  signal: AbortSignal;
}

/**
 * Asks the model, and lets no answer say that something was saved or will be remembered when no call of the run has
 * saved anything. Such an answer is handed back once in a run, so that the model saves it now or says so. If it does
 * neither, a sentence is put after it.
 */
export function withTrueClaims(options: ClaimsOptions): (how: AskInView) => Promise<ModelReply> {
  let handedBack = false;

  /** The claim of an answer that no call of the run bears out. */
  function falseClaim({ calls, text }: ModelReply): Claim | undefined {
    const claim = calls.length === 0 ? claimIn(text) : undefined;
    return claim && !options.effects().some((effect) => bearsOut(effect, claim)) ? claim : undefined;
  }

  async function askAgain(how: AskInView, reply: ModelReply): Promise<ModelReply> {
    handedBack = true;
    options.onVoid();
    const after: ModelMessage[] = [
      { role: "assistant", content: reply.text },
      { role: "user", content: programSays(nothingSaved) },
    ];
    try {
      return await options.ask({ ...how, after });
    } catch (error) {
      if (options.signal.aborted) throw error;
      return reply;
    }
  }

  return async (how) => {
    const reply = await options.ask(how);
    const mayAskAgain = !handedBack && !how.conclude && options.canRemember;
    const corrected = mayAskAgain && falseClaim(reply) ? await askAgain(how, reply) : reply;
    const claim = falseClaim(corrected);
    return claim ? withSentence(corrected, sentences[claim.language]) : corrected;
  };
}

function bearsOut(effect: string, { kind }: Claim): boolean {
  const effects: readonly Effect[] =
    kind === "remembers" ? ["remembers", "privileged"] : ["remembers", "privileged", "writes"];
  return effects.some((one) => one === effect);
}

const nothingSaved =
  "Your owner has not seen your answer above. It says that you have saved something, or that you will remember it; but no tool has saved anything since their message. If it is worth keeping, save it now: a lasting fact with read_core_file and write_core_file, anything else with write_memory_file. If it is not, answer again without saying so. Do not mention this note.";

const sentences: Record<Language, string> = {
  en: "_(Nothing was written to my memory files; the conversation itself is kept and can be searched.)_",
  de: "_(In meine Gedächtnisdateien wurde nichts geschrieben; das Gespräch selbst bleibt erhalten und lässt sich durchsuchen.)_",
  fr: "_(Rien n’a été écrit dans mes fichiers de mémoire ; la conversation elle-même est conservée et peut être consultée.)_",
  es: "_(No se ha escrito nada en mis archivos de memoria; la conversación misma se conserva y se puede buscar.)_",
};

function withSentence(reply: ModelReply, sentence: string): ModelReply {
  const text = `${reply.text}\n\n${sentence}`;
  const { content } = reply.message;
  const added = typeof content === "string" ? text : [...content, { type: "text" as const, text: `\n\n${sentence}` }];
  return { ...reply, text, message: { ...reply.message, content: added } };
}
