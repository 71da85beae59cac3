/**
 * Imports a module of Ink screens: Node itself runs .ts, but not .tsx. What is loaded already is shared with it (tsx's own
 * `tsImport` would load everything a second time).
 */
export async function importTsx(url: URL): Promise<unknown> {
  const { register } = await import("tsx/esm/api");
  const unregister = register();
  try {
    return await import(url.href);
  } finally {
    await unregister();
  }
}
