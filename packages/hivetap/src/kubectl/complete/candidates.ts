import type { FlagWords, ProgramWords, ValueWords } from '../../cli/completion/command-words.js'
import { printable } from '../../stream/printable.js'
import type { Place } from './place.js'

/** What kubectl is to do with what it was told: the bits of cobra's ShellCompDirective. */
const NO_SPACE = 2
const NO_FILES = 4
/** The shell's own completion, of files. */
const DEFAULT = 0

/** What a kubeconfig knows, by what the words stand for. */
export interface KubeconfigNames {
  readonly contexts: readonly string[]
  readonly clusters: readonly string[]
  readonly users: readonly string[]
  readonly namespaces: readonly string[]
}

/** Where other words come from than the help. Asked only where they are needed. */
export interface Sources {
  readonly tools: readonly string[]
  kubeconfig(): Promise<KubeconfigNames>
}

interface Candidate {
  readonly word: string
  readonly help: string
}

/**
 * What can stand at a place, as kubectl reads it from `kubectl_complete-<plugin>`: a candidate a line, behind a tab what it is for,
 * and at last `:` and a number that says what the shell does with it.
 */
export async function answerFor(
  program: ProgramWords,
  place: Place,
  begun: string,
  sources: Sources,
): Promise<string> {
  switch (place.kind) {
    case 'none':
      return answer([], NO_FILES)
    case 'commands':
      return answer(
        begunBy(
          program.commands.map(({ name, summary }) => ({ word: name, help: summary })),
          begun,
        ),
        NO_FILES,
      )
    case 'flags':
      return answer(begunBy(flagCandidates(place.of), begun), NO_FILES)
    case 'value':
      return valueAnswer(program, place, sources)
  }
}

async function valueAnswer(
  program: ProgramWords,
  { value, flag, text }: Extract<Place, { kind: 'value' }>,
  sources: Sources,
): Promise<string> {
  if (value.isPath) return answer([], DEFAULT)
  const words = await wordsOf(program, value, flag, sources)
  if (!isList(value)) return answer(begunBy(words.map(plain), text), NO_FILES)
  // What stands before the last comma stays; what is in it already is not offered again.
  const comma = text.lastIndexOf(',') + 1
  const before = text.slice(0, comma)
  const taken = new Set(before.split(','))
  const offered = words.filter((word) => !taken.has(word)).map((word) => plain(before + word))
  return answer(begunBy(offered, text), NO_FILES | NO_SPACE)
}

async function wordsOf(
  program: ProgramWords,
  value: ValueWords,
  flag: FlagWords | undefined,
  { tools, kubeconfig }: Sources,
): Promise<readonly string[]> {
  if (value.choices.length > 0) return value.choices
  if (flag === undefined) return value.name === 'TOOLS' ? tools : []
  const long = flag.names.at(-1) ?? ''
  if (long.endsWith('namespace')) return (await kubeconfig()).namespaces
  if (long === '--context') return (await kubeconfig()).contexts
  if (long === '--cluster') return (await kubeconfig()).clusters
  // A tool's own flag of that name is of a process.
  const isOurs = program.flags.some(({ names, help }) => names.includes(long) && help === flag.help)
  if (long === '--user' && isOurs) return (await kubeconfig()).users
  return []
}

/** Whether several may be named, with commas between. */
function isList({ name }: ValueWords): boolean {
  return name === 'TOOLS' || name.includes(',…')
}

function flagCandidates(flags: readonly FlagWords[]): Candidate[] {
  return flags.flatMap(({ names, help }) => names.map((word) => ({ word, help })))
}

function plain(word: string): Candidate {
  return { word, help: '' }
}

function begunBy(candidates: readonly Candidate[], begun: string): Candidate[] {
  return candidates.filter(({ word }) => word.startsWith(begun))
}

/** A word that holds what a shell or a terminal would act on is not offered: whoever wrote a kubeconfig chose its names. */
function answer(candidates: readonly Candidate[], directive: number): string {
  const lines = candidates
    .filter(({ word }) => word !== '' && printable(word) === word && !/\s/.test(word))
    .map(({ word, help }) => {
      const told = printable(help.split('\n')[0] ?? '')
      return told === '' ? word : `${word}\t${told}`
    })
  return [...lines, `:${directive}`, ''].join('\n')
}
