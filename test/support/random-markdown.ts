const pieces = [
  ..."*_`~[]()<>|#-+!\\&@:/\"'\n\n\n  \t1.".split(""),
  ...[
    "**",
    "```",
    "~~~",
    "\n- ",
    "\n1. ",
    "\n> ",
    "\n|a|b|\n|-|-|\n|",
    "\n\n",
    "\n    ",
    "](",
    "![",
    "[^1]",
    "\n[^1]: ",
    "&lt;",
    "&#58;",
  ],
  ...[
    "https://evil.example/x",
    "www.evil.example",
    "evil.example/?q=1",
    "javascript:",
    "<img src=x onerror=y>",
    "<script>",
    "</p>",
    "<!--",
    "-->",
  ],
  ...[
    "@room",
    "@ada:memtrix.local",
    "😀",
    "e\u0301",
    "\ud800",
    "\u202e",
    "\u0000",
    "word",
    "two words",
    "- [ ] ",
    "\\[",
    "---\n",
    "x".repeat(500),
  ],
];

/** Text that is all corners of markdown; the same for the same seed. */
export function randomMarkdown(seed: number): string {
  let state = seed * 2_654_435_761;
  const next = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const length = next(10) === 0 ? 3000 : 5 + next(60);
  return Array.from({ length }, () => pieces[next(pieces.length)]).join("");
}
