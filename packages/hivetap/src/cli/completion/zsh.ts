import type { CommandWords, FlagWords, ProgramWords, ValueWords } from './command-words.js'
import { quote } from './quote.js'

/**
 * A completion script for zsh, on its `_arguments`: to be found in `$fpath` under the name `_<program>`, or sourced after
 * compinit.
 */
export function zshCompletion(program: ProgramWords): string {
  const { name, commands } = program
  const complete = `_${name}`
  return `#compdef ${name}
# Completion of ${name} for zsh, printed by \`${name} completion zsh\`.

${complete}() {
  local curcontext=$curcontext state line ret=1
  local -A opt_args
  local -a commands
  _arguments -C -S \\
${program.flags.flatMap(flagSpecs).map(specLine).join('')}\
    '(-)1: :->command' \\
    '(-)*:: :->argument' && ret=0
  case $state in
  command)
    commands=(
${commands.map((command) => `      ${quote(described(command))}\n`).join('')}\
    )
    _describe -t commands command commands && ret=0
    ;;
  argument)
    curcontext=\${curcontext%:*:*}:${name}-$words[1]:
    case $words[1] in
${commands.map(commandCase).join('')}\
    esac
    ;;
  esac
  return ret
}

# As a function of $fpath this file is the body of its first call; sourced, it says what it completes.
if [[ \${funcstack[1]} == ${complete} ]]; then
  ${complete} "$@"
else
  compdef ${complete} ${name}
fi
`
}

function specLine(spec: string): string {
  return `    ${quote(spec)} \\\n`
}

/** `name:summary`, as _describe takes it. */
function described({ name, summary }: CommandWords): string {
  return `${escaped(name, ':')}:${escaped(summary, '')}`
}

function commandCase({ name, flags, argument }: CommandWords): string {
  const specs = [...flags.flatMap(flagSpecs), ...(argument === undefined ? [] : [`1${valueSpec(argument)}`])]
  return `    ${quote(name)})
      _arguments -s -S \\
${specs.map(specLine).join('')}\
        && ret=0
      ;;
`
}

/** A flag, under each of its names: each rules the others out. */
function flagSpecs({ names, help, value }: FlagWords): string[] {
  return names.map((name) => {
    // The value of a long flag may stand behind a =, that of a short one at once.
    const takes = value === undefined ? '' : name.startsWith('--') ? '=' : '+'
    const argument = value === undefined ? '' : valueSpec(value)
    return `(${names.join(' ')})${name}${takes}[${escaped(help, '[]')}]${argument}`
  })
}

/** What it is called, and what completes it; a blank for what cannot be listed: only its name is shown. */
function valueSpec({ name, choices, isPath }: ValueWords): string {
  const action = isPath ? '_files' : choices.length > 0 ? `(${choices.map(listed).join(' ')})` : ' '
  return `:${escaped(name, ':')}:${action}`
}

/** A word of a list, which zsh reads as its own code, within a spec, which knows colons. */
function listed(word: string): string {
  return quote(word).replaceAll(':', '\\:')
}

function escaped(text: string, special: string): string {
  return [...text].map((letter) => (`\\${special}`.includes(letter) ? `\\${letter}` : letter)).join('')
}
