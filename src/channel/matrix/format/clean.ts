/** Controls, marks that turn the direction of what follows, and characters of no width that can hide in an address. */
const unseen =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b\u2060-\u2064\u2066-\u2069\u202a-\u202e\u2028\u2029\ufeff\ufff9-\uffff]/g;

/** Text as a client may be given it: nothing unseen, no half characters, newlines of one kind. */
export function cleanText(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(unseen, "").toWellFormed();
}

/** `@room` with a character of no width in it: older clients and homeservers wake a whole room at the word. */
export function withoutRoomPing(text: string): string {
  return text.replace(/@(?=room\b)/gi, "@\u2060");
}

/** Character references, as HTML knows them: by number, and those by name that people and models write. */
export function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/g, (whole, decimal, hex, name) => {
    if (name) return named[name] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
  });
}

const named: Record<string, string> = {
  ...{ amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", shy: "\u00ad" },
  ...{ copy: "©", reg: "®", trade: "™", hellip: "…", mdash: "—", ndash: "–", middot: "·", bull: "•", times: "×" },
  ...{ lsquo: "‘", rsquo: "’", ldquo: "“", rdquo: "”", laquo: "«", raquo: "»", deg: "°", euro: "€", pound: "£" },
  ...{ larr: "←", rarr: "→", uarr: "↑", darr: "↓", le: "≤", ge: "≥", ne: "≠", plusmn: "±", micro: "µ", sect: "§" },
  ...{ colon: ":", sol: "/", bsol: "\\", period: ".", comma: ",", quest: "?", num: "#", commat: "@", lowbar: "_" },
};
