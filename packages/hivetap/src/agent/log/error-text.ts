/** Causes that are told: an error may hang on itself. */
const MOST_CAUSES = 5

/** An error in a line, with what caused it. */
export function errorText(error: unknown): string {
  const texts: string[] = []
  let at = error
  for (let told = 0; told < MOST_CAUSES && at !== undefined && at !== null; told++) {
    const text = at instanceof Error ? at.message || at.name : String(at)
    // Many errors repeat the message of their cause.
    if (!texts.some((before) => before.includes(text))) texts.push(text)
    at = at instanceof Error ? at.cause : undefined
  }
  return texts.join(': ')
}
