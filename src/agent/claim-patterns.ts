/** What an agent says it has done, or will do, that only a tool can do. */
export interface Claim {
  /** `remembers`: it is in the memory; `keeps`: it is written down somewhere. */
  kind: "remembers" | "keeps";
  language: Language;
}

export type Language = "en" | "de" | "fr" | "es";

/**
 * The first claim in an answer to have saved something, or to remember it from now on. What is quoted, asked, denied,
 * put as a condition or told of the past is none.
 */
export function claimIn(answer: string): Claim | undefined {
  for (const sentence of sentencesOf(answer)) {
    if (/\?["')\]]*$/.test(sentence)) continue;
    for (const { language, remembers, keeps, rather } of languages) {
      if (rather.test(sentence)) continue;
      if (remembers.some((pattern) => pattern.test(sentence))) return { kind: "remembers", language };
      if (keeps.some((pattern) => pattern.test(sentence))) return { kind: "keeps", language };
    }
  }
  return undefined;
}

interface Patterns {
  language: Language;
  remembers: RegExp[];
  keeps: RegExp[];
  /** A sentence with this in it claims nothing. */
  rather: RegExp;
}

const object = "(?:it|that|this|these|those|them|all of (?:it|that|this)|everything|your|the)";
/** "Okay, ", "Got it. " and a name do not count: what comes after them does. */
const languages: Patterns[] = [
  {
    language: "en",
    remembers: [
      /\bi(?:'ll| will| shall)(?: \w+ly| now| always| be sure to| make sure to| try to)* (?:remember|memori[sz]e|keep (?:that|this|it|them) in mind|bear (?:that|this|it) in mind)\b/,
      /\bi(?:'ll never| won't| will not| will never|'ll not) forget\b/,
      /\bi(?:'ve| have)(?: now| just| also)* (?:remembered|memori[sz]ed|committed (?:it|that|this) to memory)\b/,
      /^(?:remembered|memori[sz]ed|committed to memory)(?=[.,!:;]|$| for\b)/,
      /\bi(?:'ve| have)?(?: now| just| also)* (?:added|updated|saved|stored|put|written|wrote|recorded|noted)\b.{0,80}(?:\b(?:my|your|long-term|to|in|into|the) (?:long-term |core )?(?:memory|core file)|\b(?:user|memory|behavior|soul)\.md)/,
      /^(?:added|saved|stored|committed|written|recorded) (?:it |that |this )?(?:to|in|into) (?:my |your |the )?(?:long-term )?memory\b/,
      /\b(?:my )?memory (?:has been |is |was )?(?:now )?updated\b/,
    ],
    keeps: [
      new RegExp(
        `\\bi(?:'ll| will| shall)(?: \\w+ly| now| just| also)* (?:note (?:${object}|down)\\b|make a note\\b|take note\\b|write ${object}.{0,60}? down\\b|jot ${object}|(?:save|store|record|log) ${object})`,
      ),
      /\bi(?:'ve| have)(?: now| just| also| gone ahead and)* (?:saved|stored|noted|recorded|logged|jotted|made a note|taken note|written (?:it|that|this|them|everything|down))\b/,
      /\bi(?:'ve| have)?(?: now| just| also)* (?:added|put|updated) .{0,80}\b(?:notes?|journal|diary|profile|list|records?|file)\b/,
      new RegExp(
        `\\bi (?:just |also |now )?(?:saved ${object}|stored ${object}|recorded ${object}|noted (?!that\\b)${object}|noted down\\b|wrote ${object}.{0,60}? down\\b|made a note\\b)`,
      ),
      /^(?:duly )?noted(?=[.,!:;–—-]|$| that\b| it\b| down\b| your\b| and\b)/,
      /^(?:saved|recorded|written down|stored)(?=[.,!:;–—-]|$| it\b| that\b| this\b| your\b| to (?:my|your)\b| under\b| for (?:later|you|next)\b)/,
      /\b(?:it|that|this|everything)(?:'s| is| has been)(?: now| all| safely)* (?:saved|noted|recorded|written down|stored)(?=[.!]|$|,| now\b| for (?:later|you|next)\b| (?:in|to) (?:my|your) (?:notes|journal|memory)\b)/,
    ],
    rather:
      /\b(?:if|once|whenever|unless|when) (?:you|i|we)\b|\b(?:tell|give|send|show) me\b|\b(?:already|previously|earlier) (?:saved|stored|noted|recorded|remembered|written|added|put|updated|made)\b|\b(?:earlier|already|before|yesterday|ago|last (?:week|month|year|time|night))[.!]*$|\b(?:not|n't|never|nothing|unable|failed to)(?! forget)\b(?!.{0,3}forget).{0,30}\b(?:sav|stor|not[ei]|remember|record|writ|wrote|add|updat|memori)/,
  },
  {
    language: "de",
    remembers: [
      /\bich (?:merke?|merk') (?:mir|es mir|das mir)\b|\bmerke? ich(?: \w+)? mir\b|\bmerke? ich mir\b/,
      /\bich (?:werde|will)\b.{0,20}\bmir\b.{0,80}\bmerken\b|\bwerde ich(?: \w+)? ?mir\b.{0,60}\bmerken\b/,
      /\bich (?:werde|will)\b.{0,60}\bdaran denken\b|\b(?:ich behalte|behalte ich)\b.{0,40}\b(?:kopf|hinterkopf|gedächtnis|auge)\b|\bich werde\b.{0,60}\bim (?:kopf|hinterkopf|gedächtnis) behalten\b/,
      /\bvergesse ich nicht\b|\bich vergesse (?:das|es|dies)\b.{0,20}\bnicht\b|\bich werde\b.{0,40}\bnicht vergessen\b|\bwerde ich nicht vergessen\b/,
      /\b(?:ich habe|ich hab|hab|habe ich|hab ich|hab's)\b.{0,100}\b(?:gemerkt|eingeprägt)\b|^gemerkt(?=[.,!:;]|$)|\bist gemerkt\b/,
      /\b(?:im|ins|in meinem|in mein|in meine|in meiner) (?:langzeit)?(?:gedächtnis|erinnerung)\b.{0,40}\b(?:gespeichert|eingetragen|aufgenommen|abgelegt|festgehalten)\b/,
    ],
    keeps: [
      /\b(?:ich notiere|notiere ich|ich vermerke|vermerke ich|ich speichere|speichere ich)\b/,
      /\b(?:ich schreibe|schreibe ich)(?: \w+){0,4} auf\b|\b(?:ich halte|halte ich)(?: \w+){0,4} fest\b|\b(?:ich trage|trage ich)(?: \S+){0,6} ein\b/,
      /\bich werde\b.{0,80}\b(?:notieren|speichern|abspeichern|aufschreiben|vermerken|festhalten|eintragen)\b/,
      /\b(?:ich habe|ich hab|hab|habe ich|hab ich|hab's)\b.{0,100}\b(?:gespeichert|abgespeichert|notiert|vermerkt|aufgeschrieben|festgehalten|eingetragen|hinterlegt)\b/,
      /\b(?:ist|sind|wurde|wurden|wird)(?: \w+){0,4} (?:gespeichert|abgespeichert|notiert|vermerkt|aufgeschrieben|festgehalten|eingetragen|hinterlegt)(?=[.,!]|$)/,
      /^(?:notiert|gespeichert|abgespeichert|vermerkt|aufgeschrieben|eingetragen)(?=[.,!:;–—-]|$)/,
    ],
    rather:
      /\b(?:wenn|falls|sobald|sofern|ob)\b|\b(?:sag|gib|schick|nenn|erzähl)e? mir\b|\b(?:bereits|schon|früher|damals|gestern|vorhin|zuvor)\b.{0,40}\b(?:gemerkt|gespeichert|notiert|vermerkt|aufgeschrieben|festgehalten|eingetragen|hinterlegt)\b|\b(?:nichts|nie|kein\w*|noch nicht)\b|\bnicht(?! vergess)\b.{0,40}\b(?:merk|gemerkt|speicher|gespeichert|notier|vermerk|aufschreib|aufgeschrieben|festg|eing|hinterlegt)/,
  },
  {
    language: "fr",
    remembers: [
      /\bje (?:m'en souviendrai|me souviendrai|me le rappellerai|m'en rappellerai|(?:le |la |les )?retiens|(?:le |la |les )?retiendrai|garde (?:ça|cela) en (?:tête|mémoire))\b/,
      /\bje (?:n'|ne l'|ne les )oublierai pas\b/,
      /(?:^|\s)(?:j'ai|je l'ai|je les ai)(?: \w+)? (?:mémorisé|retenu)/,
      /^(?:c'est )?(?:bien )?(?:mémorisé|retenu)(?=\s?[.,!:;]|$)/,
    ],
    keeps: [
      /\bje (?:le |la |les )?(?:note|noterai|prends note|enregistre)(?= |[.,!]|$)/,
      /(?:^|\s)(?:j'ai|je l'ai|je les ai|j'en ai)(?: \w+)? (?:noté|enregistré|sauvegardé|pris (?:bonne )?note)/,
      /^(?:c'est )?(?:bien )?(?:noté|enregistré|sauvegardé)(?=\s?[.,!:;–—-]|$)/,
    ],
    rather:
      /\bsi (?:vous|tu|je)\b|\b(?:dites|dis|donnez|donne)-moi\b|\bdéjà\b|\bn'(?:ai|en ai) (?:pas|rien)\b|\bne .{0,20}\bpas\b(?!.{0,3}oubli)(?<!oublierai pas)/,
  },
  {
    language: "es",
    remembers: [
      /\b(?:lo|la|los|las) recordaré|\bme acordaré|\brecordaré (?:que|esto|eso|tu|su)|\blo tendré (?:en cuenta|presente)|\bno (?:lo|la|me) (?:olvidaré|olvido)/,
      /\b(?:lo|la|los|las) he (?:memorizado|recordado)|^memorizado(?=[.,!:;]|$)/,
    ],
    keeps: [
      /\b(?:lo|la|los|las|me lo) (?:anoto|apunto|guardo|registro)\b|\btomo nota\b|\b(?:lo|la|los|las) (?:anotaré|apuntaré|guardaré|registraré)/,
      /\bhe (?:anotado|apuntado|guardado|registrado|tomado nota)\b/,
      /^(?:queda |ya está )?(?:anotado|apuntado|guardado|registrado)(?=[.,!:;–—-]|$)/,
    ],
    rather:
      /\bsi (?:me|quieres|usted|tú)\b|\b(?:dime|dígame)\b|\bya (?:lo|la|los|las) (?:he|había)\b|\bno (?:lo |la |los |las |te )?(?:he|puedo|tengo)\b/,
  },
];

/** What the agent says itself, in small letters: no code, nothing quoted; without what only leads up to the rest. */
function sentencesOf(answer: string): string[] {
  return answer
    .replace(/^ {0,3}(```|~~~)[\s\S]*?(?:^ {0,3}\1|$(?![\s\S]))/gm, "\n")
    .replace(/^ {0,3}>.*$/gm, "")
    .replace(/`[^`\n]*`/g, (code) => (/\.md`$/i.test(code) ? code.slice(1, -1) : "…"))
    .replace(/["“„«][^"“”„«»\n]*["”“»]/g, "…")
    .replace(/[’‘ʼ]/g, "'")
    .replace(/[*_]{1,3}/g, "")
    .toLowerCase()
    .split(/(?<=[.!?…])\s+|\n+/)
    .map((sentence) =>
      sentence
        .replace(/^[^\p{L}…]+/u, "")
        .replace(leadIn, "")
        .trim(),
    )
    .filter(Boolean);
}

const leadIn =
  /^(?:(?:ok|okay|sure|got it|alright|all right|great|thanks|thank you|perfect|done|understood|of course|absolutely|will do|yes|alles klar|gut|klar|gerne?|danke|verstanden|ja|okey|erledigt|ist|super|prima|d'accord|bien sûr|parfait|merci|oui|entendu|très bien|de acuerdo|vale|claro|perfecto|gracias|sí|listo|hecho)(?:\s*[,.!:–—-]+\s*|\s+(?=(?:notiert|gespeichert|gemerkt|vermerkt|noted|saved)\b)))+/;
