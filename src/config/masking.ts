/** Replaces known secrets in what goes out. */
export interface Masking {
  /** `text` with each known secret of 6 or more characters, plain or encoded, replaced by `[secret NAME]`. */
  mask(text: string): string;
  /**
   * How much of a text that goes on can be masked and shown by now: in what comes after, a secret may have begun that is
   * not written out yet.
   */
  settledLength(text: string): number;
}

export interface MaskedForm {
  form: string;
  name: string;
}

/** `forms`: as they are known by now, the longest first. */
export function createMasking(forms: () => readonly MaskedForm[]): Masking {
  return {
    mask: (text) => forms().reduce((rest, { form, name }) => rest.replaceAll(form, `[secret ${name}]`), text),
    settledLength(text) {
      let length = text.length;
      for (const { form } of forms()) length = Math.min(length, text.length - openEnd(text, form));
      // What is whole by now, and goes beyond this, must not be cut in two.
      for (let before = -1; before !== length; ) {
        before = length;
        for (const { form } of forms()) {
          const at = text.indexOf(form, Math.max(0, length - form.length + 1));
          if (at !== -1 && at < length) length = at;
        }
      }
      return length;
    },
  };
}

/** Each way a secret may be written, the longest first: a shorter one may be part of it. */
export function maskedForms(secrets: ReadonlyMap<string, string>): MaskedForm[] {
  return [...secrets]
    .filter(([, value]) => value.length >= 6)
    .flatMap(([name, value]) => [...writtenForms(value)].map((form) => ({ form, name })))
    .sort((a, b) => b.form.length - a.form.length);
}

function writtenForms(value: string): Set<string> {
  const bytes = Buffer.from(value);
  return new Set([
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
  ]);
}

/** How many characters at the end of a text are the beginning of a form. */
function openEnd(text: string, form: string): number {
  for (let count = Math.min(form.length - 1, text.length); count > 0; count--)
    if (text.endsWith(form.slice(0, count))) return count;
  return 0;
}
