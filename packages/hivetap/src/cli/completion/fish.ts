import type { CommandWords, FlagWords, ProgramWords, ValueWords } from './command-words.js'

/** A completion script for fish, 3.0 and later. */
export function fishCompletion(program: ProgramWords): string {
  const { name, commands } = program
  const is = `__${name.replace(/\W/g, '_')}_command_is`
  const complete = (command: string, ...rest: readonly string[]) =>
    ['complete', '-c', fishQuote(name), '-n', fishQuote(`${is} ${fishQuote(command)}`), ...rest].join(' ')
  return `# Completion of ${name} for fish, printed by \`${name} completion fish\`.

# Whether a command line has this command; '' stands for none.
function ${is}
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        if not string match -q -- '-*' $word
            test $word = "$argv[1]"
            return
        end
    end
    test -z "$argv[1]"
end

complete -c ${fishQuote(name)} -f
${[
  ...program.flags.map((flag) => complete('', ...flagArguments(flag))),
  ...commands.map((command) => complete('', '-a', listed([command.name]), '-d', fishQuote(command.summary))),
  ...commands.flatMap((command) => commandArguments(command).map((rest) => complete(command.name, ...rest))),
].join('\n')}
`
}

function commandArguments({ flags, argument }: CommandWords): string[][] {
  return [...flags.map(flagArguments), ...(argument === undefined ? [] : [offer(argument)])].filter(
    (rest) => rest.length > 0,
  )
}

function flagArguments({ names, help, value }: FlagWords): string[] {
  return [
    ...names.flatMap((name) =>
      name.startsWith('--') ? ['-l', fishQuote(name.slice(2))] : ['-s', fishQuote(name.slice(1))],
    ),
    ...(value === undefined ? [] : [value.isPath ? '-r' : '-x', ...offer(value)]),
    '-d',
    fishQuote(help),
  ]
}

/** What completes a value: files, which are left out unless asked for, or what it may be. */
function offer({ choices, isPath }: ValueWords): string[] {
  if (isPath) return ['-F']
  return choices.length === 0 ? [] : ['-a', listed(choices)]
}

/** A list that fish reads as its own code. */
function listed(words: readonly string[]): string {
  return fishQuote(words.map(fishQuote).join(' '))
}

/** A text as one word of fish: within quotes only the quote and the backslash are special. */
function fishQuote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replace(/['\\]/g, '\\$&')}'`
}
