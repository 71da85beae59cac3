const escapeSequences =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][\s\S]*?(?:\u0007|\u001b\\|\u009c|$)|[ -/]*[0-~])|\u009b[0-?]*[ -/]*[@-~]|[\u0090\u0098\u009d-\u009f][\s\S]*?(?:\u0007|\u001b\\|\u009c|$)/g;
const controlCharacters = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Marks that turn the direction of what follows: a name can be made to read as another. */
const directionMarks = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text that can do nothing to a terminal but stand on it: no escape sequences, no control characters but newline and
 * tab. Everything that a model, a tool or a file has written goes through here before it is shown.
 */
export function clean(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(escapeSequences, "")
    .replace(controlCharacters, "")
    .replace(directionMarks, "");
}

/** The same on one line. */
export function cleanLine(text: string): string {
  return clean(text).replace(/\s+/g, " ").trim();
}
