import { getDomain } from "tldts";
import type { AuditLabel } from "../audit.ts";
import type { NamedBy } from "../known-addresses.ts";
import type { Run } from "../store/runs.ts";
import type { Tool } from "../tool.ts";
import type { ToolCall } from "./events.ts";
import type { View } from "./history.ts";
import { createTextIndex, sharesText, type TextIndex } from "./overlap.ts";
import type { WebRequest } from "./policy.ts";

/** What code knows of the calls of one run; the policy decides from it. */
export interface Labels {
  /** Why a call is decided as untrusted; empty when it is not. */
  of(call: ToolCall): AuditLabel[];
  /** What a call with these parsed arguments would send out. */
  requestOf(tool: Tool, input: unknown): Promise<WebRequest | undefined>;
  /** The request is made unasked. */
  opened(request: WebRequest): void;
}

export interface LabelsOptions {
  run: Run;
  tools: ReadonlyMap<string, Tool>;
  /** What the model has before it now. */
  words(): Pick<View, "derived" | "owned">;
  namedBy(address: string): NamedBy | undefined;
  isPrivate(text: string): Promise<boolean>;
}

export function createLabels({ run, tools, words, namedBy, isPrivate }: LabelsOptions): Labels {
  const derived = createIndexOf();
  const owned = createIndexOf();

  /** What an earlier tainted run has said may be what a page said. */
  function isDerived({ name, input }: ToolCall): boolean {
    // The words of a search are judged by what is in them.
    if (tools.get(name)?.query || words().derived.length === 0) return false;
    return sharesText(input, derived(words().derived), owned(words().owned));
  }

  /** One of several calls in a step goes out: which of them is made first must not matter. */
  function isBatchWithSource(): boolean {
    const calls = run.openStep?.calls ?? [];
    return calls.length > 1 && calls.some(({ name }) => tools.get(name)?.effects.includes("reads-web"));
  }

  return {
    of(call) {
      const labels: AuditLabel[] = [];
      if (run.state.taints.length > 0) labels.push("untrusted");
      if (isBatchWithSource()) labels.push("batch");
      // In a tainted run it makes no difference.
      if (labels.length === 0 && isDerived(call)) labels.push("derived");
      return labels;
    },

    async requestOf(tool, input) {
      const query = tool.query?.(input);
      if (query !== undefined) return { kind: "query", characters: query.length, isPrivate: await isPrivate(query) };
      const address = tool.address?.(input);
      if (address === undefined) return undefined;
      const { opened } = run.state;
      const domain = domainOf(address);
      const openedInAll = Object.values(opened).reduce((sum, count) => sum + count, 0);
      return { kind: "address", named: namedBy(address), domain, openedThere: opened[domain] ?? 0, openedInAll };
    },

    opened(request) {
      if (request.kind !== "address" || request.named !== "result") return;
      const { opened } = run.state;
      opened[request.domain] = (opened[request.domain] ?? 0) + 1;
    },
  };
}

/** Gives the index of some texts, made anew only when they are others: a run has the same before it in many steps. */
function createIndexOf(): (texts: readonly string[]) => TextIndex {
  let known: { texts: readonly string[]; index: TextIndex } | undefined;
  return (texts) => {
    const isKnown = known?.texts.length === texts.length && known.texts.every((text, at) => text === texts[at]);
    if (!known || !isKnown) known = { texts, index: createTextIndex(texts) };
    return known.index;
  };
}

/** The registrable domain: all below it is one owner's. A host without one stands for itself. */
function domainOf(address: string): string {
  const host = URL.canParse(address) ? new URL(address).hostname : address;
  return getDomain(host) ?? host;
}
