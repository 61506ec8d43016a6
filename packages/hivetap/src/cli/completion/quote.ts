/** A text as one word of a shell of Bourne's kin, whatever is in it. */
export function quote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
