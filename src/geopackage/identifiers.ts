/** An SQL identifier out of any text; names of tables in foreign files are never trusted. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** An SQL text literal, for the few places where no parameter can stand. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
