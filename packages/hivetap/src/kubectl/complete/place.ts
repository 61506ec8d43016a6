import type { CommandWords, FlagWords, ProgramWords, ValueWords } from '../../cli/completion/command-words.js'

/** What may stand where the cursor is. */
export type Place =
  | { readonly kind: 'commands' }
  | { readonly kind: 'flags'; readonly of: readonly FlagWords[] }
  /** A value, of a flag or an argument. `text` of it is written already. */
  | { readonly kind: 'value'; readonly value: ValueWords; readonly flag?: FlagWords; readonly text: string }
  /** Nothing that is known. */
  | { readonly kind: 'none' }

/** Where the cursor is, and which words in front of it say which kubeconfig is meant. */
export interface Cursor {
  readonly place: Place
  readonly kubeconfig: string | undefined
}

/**
 * Reads a command line up to the cursor.
 *
 * @param words behind the program's name; the last is what is written so far of the word at the cursor
 */
export function cursorOf(program: ProgramWords, words: readonly string[]): Cursor {
  const written = words.slice(0, -1)
  const current = words.at(-1) ?? ''
  let command: CommandWords | undefined
  let kubeconfig: string | undefined
  let places = 0
  let onlyArguments = false
  /** The flag whose value is the next word. */
  let pending: FlagWords | undefined
  const known = () => [...(command?.flags ?? []), ...program.flags]
  const none: Place = { kind: 'none' }
  for (const word of written) {
    if (pending !== undefined) {
      if (pending.names.includes('--kubeconfig')) kubeconfig = word
      pending = undefined
    } else if (onlyArguments || !word.startsWith('-') || word === '-') {
      if (command !== undefined) places++
      else {
        command = program.commands.find(({ name }) => name === word)
        if (command === undefined) return { place: none, kubeconfig }
      }
    } else if (word === '--') onlyArguments = true
    else if (word.startsWith('--kubeconfig=')) kubeconfig = word.slice('--kubeconfig='.length)
    else pending = known().find(({ names, value }) => value !== undefined && names.includes(word))
  }
  const valueFor = (flag: FlagWords, text: string): Place =>
    flag.value === undefined ? none : { kind: 'value', value: flag.value, flag, text }
  const place = (): Place => {
    if (pending !== undefined) return valueFor(pending, current)
    if (!onlyArguments && current.startsWith('-')) {
      const [name = '', ...behind] = current.split('=')
      if (behind.length === 0) return { kind: 'flags', of: uniqueNames(known()) }
      const flag = known().find(({ names }) => name.startsWith('--') && names.includes(name))
      return flag === undefined ? none : valueFor(flag, behind.join('='))
    }
    if (command === undefined) return { kind: 'commands' }
    const { argument } = command
    return argument === undefined || places > 0 ? none : { kind: 'value', value: argument, text: current }
  }
  return { place: place(), kubeconfig }
}

/** Of flags of one name, the first: a command's own goes before the program's. */
function uniqueNames(flags: readonly FlagWords[]): FlagWords[] {
  const seen = new Set<string>()
  return flags.flatMap((flag) => {
    const names = flag.names.filter((name) => !seen.has(name))
    for (const name of names) seen.add(name)
    return names.length === 0 ? [] : [{ ...flag, names }]
  })
}
