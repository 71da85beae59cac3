/** What a name may stand for in one moment and in the next. */
export const publicAnswers = ["93.184.215.14", "2606:4700:4700::1111"] as const;

export const privateAnswers = [
  "127.0.0.1",
  "10.0.0.1",
  "169.254.169.254",
  "::1",
  "::ffff:127.0.0.1",
  "fd00::1",
  "64:ff9b::a00:1",
  "0.0.0.0",
] as const;
