// Preloaded into the program (`node --import`): on SIGUSR2 something fails in a place where nothing catches it.
process.once("SIGUSR2", () => {
  const fault = new Error("nothing catches this");
  if (process.env.THROW_AS === "memory") for (const held = []; ; ) held.push(new Array(1_000_000).fill(held.length));
  if (process.env.THROW_AS === "rejection") void Promise.reject(fault);
  else throw fault;
});
