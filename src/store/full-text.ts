import { DatabaseSync } from "node:sqlite";

/** What texts are searched by: words without endings and accents, as the full-text index has them. */
export interface Terms {
  /** The terms of each text, in order. */
  of(texts: readonly string[]): string[][];
  /** Those of a query that are worth looking for, each once. All of them when none is. */
  ofQuery(text: string): string[];
  /** True when one of them at least is worth looking for. */
  isTelling(text: string): boolean;
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
  const known = new Map<string, readonly string[]>();

  function learn(words: ReadonlySet<string>): void {
    if (words.size === 0) return;
    database.exec("BEGIN");
    insert.run([...words].join(` ${wordEnd} `));
    const terms = (select.all() as unknown as [string][]).map(([term]) => term);
    database.exec("ROLLBACK");
    let at = 0;
    for (const word of words) {
      const end = terms.indexOf(wordEnd, at);
      known.set(word, terms.slice(at, end === -1 ? terms.length : end));
      at = end + 1;
    }
  }

  const of = (texts: readonly string[]): string[][] => {
    const written = texts.map((text) => searchable(text).split(surelyBetweenWords));
    if (known.size > mostKnown) known.clear();
    const unknown = new Set<string>();
    for (const words of written) for (const word of words) if (!known.has(word)) unknown.add(word);
    learn(unknown);
    return written.map((words) => {
      const terms: string[] = [];
      for (const word of words) for (const term of known.get(word) ?? []) terms.push(term);
      return terms;
    });
  };

  return {
    of,
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

/** Words that say nothing about what is looked for. */
const stopwords = new Set(
  `a about again all also am an and any are aren as at be been being but by can could couldn d did didn do does doesn
  doing don for from had hadn has hasn have haven having he her hers him his how i if in into is isn it its just let ll m
  me more most my no not now of on once only or other our ours out over own re s same she should shouldn so some such t
  than that the their theirs them then there these they this those through to too under until up us ve very was wasn we
  were weren what when where which while who whom why will with won would wouldn you your yours`.split(/\s+/),
);
