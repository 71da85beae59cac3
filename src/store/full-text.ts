import { DatabaseSync } from "node:sqlite";

/** What texts are searched by: words without endings and accents, as the full-text index has them. */
export interface Terms {
  /** The terms of each text, in order. */
  of(texts: readonly string[]): string[][];
  /** Of each text how many terms it has, and how often each of those that are wanted. */
  count(texts: readonly string[], wanted: { has(term: string): boolean }): TermCounts[];
  /** Those of a query that are worth looking for, each once. All of them when none is. */
  ofQuery(text: string): string[];
  /** True when one of them at least is worth looking for. */
  isTelling(text: string): boolean;
}

export interface TermCounts {
  length: number;
  /** Those that are not there are left out. */
  counts: ReadonlyMap<string, number>;
}

/** A whole page as a query would hold up the program, and find everything. */
const mostTerms = 60;

/** Must be the tokenizer of `chunk_text`: then a term is here what it is there. */
const tokenizer = "porter unicode61 remove_diacritics 2";

/** No word has one of these in it. What else is none is left to the tokenizer, which may find several words in one of ours, or none. */
const surelyBetweenWords = /[\s\0-/:-@[-`{-\x7f\uE000]+/;

/** A word to the tokenizer, and in no text. */
const wordEnd = "\uE000";

/** A few megabytes. */
const mostKnown = 50_000;

export function createTerms(): Terms {
  const database = new DatabaseSync(":memory:");
  database.exec(`
    CREATE VIRTUAL TABLE written USING fts5 (text, content = '', tokenize = '${tokenizer}');
    CREATE VIRTUAL TABLE term USING fts5vocab (written, instance);
  `);
  const insert = database.prepare("INSERT INTO written (rowid, text) VALUES (1, ?)");
  const select = database.prepare("SELECT term FROM term ORDER BY offset");
  select.setReturnArrays(true);
  /** What each word was found to be: people say the same words again and again. */
  const known = new Map<string, string[]>();

  /** The terms of each word of each text. */
  function termsIn(texts: readonly string[]): (readonly string[])[][] {
    if (known.size > mostKnown) known.clear();
    const unknown = new Map<string, string[]>();
    const termsOf = (word: string): readonly string[] => {
      const found = known.get(word);
      if (found) return found;
      const terms: string[] = [];
      known.set(word, terms);
      unknown.set(word, terms);
      return terms;
    };
    const written = texts.map((text) => searchable(text).split(surelyBetweenWords).map(termsOf));
    learn(unknown);
    return written;
  }

  /** Fills in the terms of these words. */
  function learn(unknown: ReadonlyMap<string, string[]>): void {
    if (unknown.size === 0) return;
    database.exec("BEGIN");
    insert.run([...unknown.keys()].join(` ${wordEnd} `));
    const found = (select.all() as unknown as [string][]).map(([term]) => term);
    database.exec("ROLLBACK");
    let at = 0;
    for (const terms of unknown.values()) {
      const end = found.indexOf(wordEnd, at);
      terms.push(...found.slice(at, end === -1 ? found.length : end));
      at = end + 1;
    }
  }

  const of = (texts: readonly string[]): string[][] => termsIn(texts).map((words) => words.flat());

  return {
    of,
    count: (texts, wanted) =>
      termsIn(texts).map((words) => {
        const counts = new Map<string, number>();
        let length = 0;
        for (const terms of words) {
          length += terms.length;
          for (const term of terms) if (wanted.has(term)) counts.set(term, (counts.get(term) ?? 0) + 1);
        }
        return { length, counts };
      }),
    ofQuery(text) {
      const words = wordsOf(text);
      const telling = words.filter((word) => !stopwords.has(word));
      const [terms = []] = of([(telling.length > 0 ? telling : words).slice(0, 3 * mostTerms).join(" ")]);
      return [...new Set(terms)].slice(0, mostTerms);
    },
    isTelling: (text) => wordsOf(text).some((word) => !stopwords.has(word)),
  };
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}_]+/gu) ?? [];
}

/** An FTS5 query that finds any of these terms. */
export function matchAny(terms: readonly string[]): string {
  return terms.map((term) => `"${term}"`).join(" OR ");
}

const isAscii = /^[\0-\x7f]*$/;

/** Scripts that put no space between words are laid out in overlapping pieces of two or three letters. */
export function searchable(text: string): string {
  if (isAscii.test(text)) return text;
  return text
    .normalize("NFC")
    .replace(/[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}ー]+/gu, (run) => pieces(run, 2))
    .replace(/[\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]+/gu, (run) => pieces(run, 3));
}

function pieces(run: string, length: number): string {
  const letters = [...run];
  const starts = Math.max(1, letters.length - length + 1);
  const all = Array.from({ length: starts }, (_, start) => letters.slice(start, start + length).join(""));
  return ` ${all.join(" ")} `;
}

/**
 * Words that say nothing about what is looked for, of English and of German. German ones that are English words of some
 * meaning (die, war, man, hat) are left to their frequency.
 */
const stopwords = new Set(
  `a about again all also am an and any are aren as at be been being but by can could couldn d did didn do does doesn
  doing don for from had hadn has hasn have haven having he her hers him his how i if in into is isn it its just let ll m
  me more most my no not now of on once only or other our ours out over own re s same she should shouldn so some such t
  than that the their theirs them then there these they this those through to too under until up us ve very was wasn we
  were weren what when where which while who whom why will with won would wouldn you your yours

  aber alle allem allen aller alles als auch auf aus bei beim bis bist da damit dann das dass dein deine deinem deinen
  deiner dem denn der des dich diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines er es
  euch euer eure für gab gibt habe haben hast hatte hatten hattest ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im ins ist ja jede
  jedem jeden jeder jedes jetzt kann kannst kein keine keinen keiner mein meine meinem meinen meiner mich mir mit nach nicht noch nun nur ob
  oder ohne schon sehr sein seine seinem seinen seiner sich sie sind soll sondern über um und uns unser unsere vom von
  vor wann warum weil welche welchem welchen welcher welches wem wen wenn wer werden wessen wie wieder wieso wir wird wo woher
  wohin wurde wurden zu zum zur`.split(/\s+/),
);
