import type { CommandWords, ProgramWords, ValueWords } from './command-words.js'
import { quote } from './quote.js'

/**
 * A completion script for bash 4.4 and later, which needs nothing else: not the package bash-completion either.
 *
 * Bash shows words alone; what they are for it has no place for.
 */
export function bashCompletion(program: ProgramWords): string {
  const { name } = program
  const complete = `_${name.replace(/\W/g, '_')}`
  const commands = [...program.commands, asRoot(program)]
  return `# Completion of ${name} for bash, printed by \`${name} completion bash\`.

${complete}() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}
  # Of --flag=value, bash makes three words.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $before == '=' ]]; then
    before=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  local word command='' words=()
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in
    --) return ;;
    -*) ;;
    *) command=\${command:-$word} ;;
    esac
  done
  case "$command $before" in
${commands.flatMap(valueCases).join('\n')}
  *)
    case "$command $current" in
${commands.flatMap(wordCases).join('\n')}
    esac
    ;;
  esac
  for word in "\${words[@]}"; do
    if [[ $word == "$current"* ]]; then COMPREPLY+=("$word"); fi
  done
}

complete -F ${complete} ${quote(name)}
`
}

/** The program itself, while no command is named: the name of one is its argument. */
function asRoot({ summary, flags, commands }: ProgramWords): CommandWords {
  const choices = commands.map(({ name }) => name)
  return { name: '', summary, flags, argument: { name: 'command', choices, isPath: false } }
}

/** Behind a flag that takes a value. */
function valueCases({ name, flags }: CommandWords): string[] {
  return flags.flatMap(({ names, value }) => {
    if (value === undefined) return []
    const pattern = names.map((flag) => quote(`${name} ${flag}`)).join(' | ')
    return [`  ${pattern}) ${offer(value)};;`]
  })
}

/** Behind a command: its argument, and its flags where one is begun or nothing else can be offered. */
function wordCases({ name, flags, argument }: CommandWords): string[] {
  const flagNames = list(flags.flatMap(({ names }) => names))
  const others = argument === undefined ? '' : offer(argument)
  const begunBy = (text: string, offered: string) => `    ${quote(`${name} ${text}`)}*) ${offered};;`
  return others === '' ? [begunBy('', flagNames)] : [begunBy('-', flagNames), begunBy('', others)]
}

/** Sets what may stand there; empty where nothing can be listed. */
function offer({ choices, isPath }: ValueWords): string {
  // Readline has file names itself, with quotes and ~. Who asks without it, where compopt is an error, gets plain ones.
  return isPath
    ? 'compopt -o default 2>/dev/null || mapfile -t words < <(compgen -f -- "$current") '
    : list(choices)
}

function list(words: readonly string[]): string {
  return words.length === 0 ? '' : `words=(${words.map(quote).join(' ')}) `
}
