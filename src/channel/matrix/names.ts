/** A name that others have chosen, made fit for a line that the model or a person reads. */
export function safeName(name: string | undefined, longest = 64): string {
  const plain = (name ?? "")
    .normalize("NFC")
    // Controls, bidirectional and invisible marks, and what could be taken for markup or for our own brackets.
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}[\](){}<>`|*_#\\]/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  const characters = [...plain];
  return characters.length <= longest ? plain : `${characters.slice(0, longest - 1).join("")}…`;
}
