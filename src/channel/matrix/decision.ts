const yesWords = new Set(
  "yes y yep yeah sure ok okay please yesplease goahead doit ja si sí sim oui da tak ✅ 👍".split(" "),
);
const noWords = new Set("no n nope nein non não nao nie cancel dont stop ❌ 👎".split(" "));

export const yesKey = "✅";
export const noKey = "❌";

/** What a few words decide: yes, no, or neither. */
export function decisionIn(text: string): "yes" | "no" | undefined {
  const words = text
    .normalize("NFC")
    .toLowerCase()
    .replace(/[\s.,!'’]|\uFE0F/g, "");
  if (yesWords.has(words)) return "yes";
  return noWords.has(words) ? "no" : undefined;
}

/** What a reaction decides. Only the two keys that are laid on count. */
export function decisionOfKey(key: string): "yes" | "no" | undefined {
  const plain = key.replaceAll("\uFE0F", "");
  if (plain === yesKey) return "yes";
  return plain === noKey ? "no" : undefined;
}
