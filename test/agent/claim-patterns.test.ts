import { describe, expect, it } from "vitest";
import { claimIn } from "../../src/agent/claim-patterns.ts";

const claims: [answer: string, kind: "remembers" | "keeps", language: "en" | "de" | "fr" | "es"][] = [
  ["I'll remember that.", "remembers", "en"],
  ["Okay, I’ll remember that, Ada!", "remembers", "en"],
  ["Nice to meet you, Ada! I will remember your name.", "remembers", "en"],
  ["Blue it is. I'll definitely keep that in mind.", "remembers", "en"],
  ["I won't forget it.", "remembers", "en"],
  ["I'll never forget that!", "remembers", "en"],
  ["Got it. I've committed it to memory.", "remembers", "en"],
  ["I've added that to my memory.", "remembers", "en"],
  ["I have updated USER.md with your new address.", "remembers", "en"],
  ["I've updated `USER.md`.", "remembers", "en"],
  ["Saved to memory ✅", "remembers", "en"],
  ["✅ **Memory updated**", "remembers", "en"],
  ["I've saved that.", "keeps", "en"],
  ["I have saved your preference for next time.", "keeps", "en"],
  ["I've noted that you prefer tea.", "keeps", "en"],
  ["Noted.", "keeps", "en"],
  ["Noted, Ada. Anything else?", "keeps", "en"],
  ["Noted!", "keeps", "en"],
  ["Got it — noted.", "keeps", "en"],
  ["Okay, noted: dentist on Friday at nine.", "keeps", "en"],
  ["Duly noted.", "keeps", "en"],
  ["I've made a note of it.", "keeps", "en"],
  ["I'll make a note.", "keeps", "en"],
  ["I'll write that down for you.", "keeps", "en"],
  ["I'll save this for later.", "keeps", "en"],
  ["I wrote it down.", "keeps", "en"],
  ["I've added it to your shopping list.", "keeps", "en"],
  ["- Saved your birthday: 3 May", "keeps", "en"],
  ["It's saved.", "keeps", "en"],
  ["That has been noted.", "keeps", "en"],
  ["Sorry about that. I didn't know. I've recorded the new number.", "keeps", "en"],

  ["Das merke ich mir.", "remembers", "de"],
  ["Ich merke mir das, Ada.", "remembers", "de"],
  ["Alles klar, ich werde mir das merken.", "remembers", "de"],
  ["Schön, Ada! Ich werde mir deinen Namen merken.", "remembers", "de"],
  ["Habe ich mir gemerkt.", "remembers", "de"],
  ["Ich habe mir deinen Geburtstag gemerkt.", "remembers", "de"],
  ["Das vergesse ich nicht.", "remembers", "de"],
  ["Ich werde es nicht vergessen.", "remembers", "de"],
  ["Ich behalte das im Hinterkopf.", "remembers", "de"],
  ["Gemerkt!", "remembers", "de"],
  ["Ich habe das gespeichert.", "keeps", "de"],
  ["Ich habe es notiert.", "keeps", "de"],
  ["Notiert.", "keeps", "de"],
  ["Alles klar, notiert!", "keeps", "de"],
  ["Ist notiert.", "keeps", "de"],
  ["Ich notiere mir das.", "keeps", "de"],
  ["Ich schreibe mir das auf.", "keeps", "de"],
  ["Dein Termin ist jetzt eingetragen.", "keeps", "de"],
  ["Deine Adresse wurde gespeichert.", "keeps", "de"],
  ["Ich werde das festhalten.", "keeps", "de"],

  ["Je m'en souviendrai.", "remembers", "fr"],
  ["Je n’oublierai pas.", "remembers", "fr"],
  ["D'accord, je le retiens.", "remembers", "fr"],
  ["C'est noté !", "keeps", "fr"],
  ["Bien noté.", "keeps", "fr"],
  ["J'ai enregistré votre adresse.", "keeps", "fr"],
  ["Je note cela.", "keeps", "fr"],

  ["Lo recordaré.", "remembers", "es"],
  ["No lo olvidaré.", "remembers", "es"],
  ["Me acordaré de eso.", "remembers", "es"],
  ["Anotado.", "keeps", "es"],
  ["Vale, lo he guardado.", "keeps", "es"],
  ["He anotado tu cumpleaños.", "keeps", "es"],
  ["Tomo nota.", "keeps", "es"],
];

const others: string[] = [
  "I remember that you said the tiles are blue.",
  "I remember it well: it was in May.",
  "Remember to take your umbrella.",
  "Please remember that the shop closes at six.",
  "You should save the file first.",
  "Save your work, then restart.",
  "Shall I remember that?",
  "Would you like me to save this to a file?",
  "Do you want me to note that down?",
  "I have not saved anything.",
  "I haven't noted it yet.",
  "I could not save it: the disk is full.",
  "I can save that for you, just say so.",
  "Nothing was saved.",
  "If you tell me your birthday, I'll remember it.",
  "Tell me your birthday and I'll remember it.",
  "Yes, I've already noted that.",
  "I saved that last week.",
  "I noted that earlier.",
  "As noted above, the trains run hourly.",
  "It is worth noting that the trains run hourly.",
  "It should be noted that prices vary.",
  "Notable: the bridge is closed.",
  "Noted philosophers disagreed on this.",
  "The noted author lived here.",
  "Saved games are in the folder Documents.",
  "Your photos are stored in the cloud.",
  "You said: “I'll remember that.”",
  "> I'll remember that.\n\nThat is what he wrote.",
  "```\nI've saved that.\n```\nThis prints a sentence.",
  "The command `noted` lists your notes.",
  "I can't remember the name.",
  "I don't remember that.",
  "He said he will remember it.",
  "We'll see.",
  "Your memory is a good one.",
  "A stored procedure is kept in the database.",
  "Memory: 12 messages, searched by keyword.",

  "Ich erinnere mich: du wolltest blaue Fliesen.",
  "Ich merke, dass du müde bist.",
  "Merke dir: erst denken, dann handeln.",
  "Vergiss nicht, den Schirm mitzunehmen.",
  "Soll ich mir das merken?",
  "Ich habe nichts gespeichert.",
  "Das habe ich mir nicht gemerkt.",
  "Ich kann das für dich notieren.",
  "Wenn du mir den Namen sagst, merke ich ihn mir.",
  "Das habe ich bereits notiert.",
  "Speichere die Datei zuerst.",
  "Du hast das im Mai notiert.",
  "Bemerkenswert ist die Brücke.",

  "Je me souviens que vous aimez le thé.",
  "Souvenez-vous de fermer la porte.",
  "Voulez-vous que je le note ?",
  "Je n'ai rien enregistré.",
  "La note de l'hôtel est élevée.",

  "Recuerdo que dijiste azul.",
  "Recuerda cerrar la puerta.",
  "¿Quieres que lo anote?",
  "No he guardado nada.",
];

describe("an answer that claims to have saved something, or to remember it", () => {
  it.each(claims)("is seen: %s", (answer, kind, language) => {
    expect(claimIn(answer)).toEqual({ kind, language });
  });
});

describe("an answer that only speaks of such things", () => {
  it.each(others)("is let be: %s", (answer) => {
    expect(claimIn(answer)).toBeUndefined();
  });
});

it("a very long answer takes no time", () => {
  const began = performance.now();
  claimIn("I have and I will and it is that and ich habe und je les ai ".repeat(5_000));
  claimIn(`I've added ${"word ".repeat(20_000)}`);
  claimIn(`${"“".repeat(20_000)} ${"`".repeat(20_001)} ${"noted ".repeat(10_000)}`);
  expect(performance.now() - began).toBeLessThan(2_000);
});
