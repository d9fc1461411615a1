/** On a thread: loads modules, so that the first call of each does not wait for it. @param urls absolute */
export async function loadModules(urls: readonly string[]): Promise<void> {
  for (const url of urls) await import(url);
}
