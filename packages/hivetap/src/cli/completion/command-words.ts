import type { Argument, Command, Option } from 'commander'

/** What may stand as a value, of a flag or as an argument. */
export interface ValueWords {
  /** What the help calls it: `PORT,…`. */
  readonly name: string
  /** All that it may be; empty where that cannot be listed. */
  readonly choices: readonly string[]
  /** Whether it names a file: the help calls it PATH or FILE. */
  readonly isPath: boolean
}

/** A flag. */
export interface FlagWords {
  /** `-o`, `--output`: the short name first, where it has both. */
  readonly names: readonly string[]
  readonly help: string
  /** Absent where it takes none. */
  readonly value?: ValueWords
}

/** A command, as far as it can be completed. */
export interface CommandWords {
  readonly name: string
  readonly summary: string
  readonly flags: readonly FlagWords[]
  /** Its first argument, if it has one. */
  readonly argument?: ValueWords
}

/** A program: itself, and its commands. Those of a command stand as its argument, and their flags as its own. */
export interface ProgramWords extends CommandWords {
  readonly commands: readonly CommandWords[]
}

/** What can be written behind a program's name: all that its help shows, and the help itself. */
export function programWords(program: Command): ProgramWords {
  const commands = program.createHelp().visibleCommands(program).map(commandWords)
  const names = commands.map(({ name }) => name)
  return {
    ...commandWords(program),
    commands: commands.map((command) =>
      // Commander adds it by itself, and does not say that it takes the name of another.
      command.name === 'help' ? { ...command, argument: valueWords('command', names) } : command,
    ),
  }
}

function commandWords(command: Command): CommandWords {
  const help = command.createHelp()
  // The help shows none that it has nothing to say of.
  const argument = command.registeredArguments[0]
  const own = help.visibleOptions(command).map(flagWords)
  if (command.parent !== null && command.commands.length > 0) {
    const below = command.commands.map(commandWords)
    const known = new Set(own.flatMap(({ names }) => names))
    return {
      name: command.name(),
      summary: help.subcommandDescription(command),
      flags: [
        ...own,
        ...below.flatMap(({ flags }) => flags.filter(({ names }) => !names.some((name) => known.has(name)))),
      ],
      argument: valueWords(
        'command',
        below.map(({ name }) => name),
      ),
    }
  }
  return {
    name: command.name(),
    summary: help.subcommandDescription(command),
    flags: own,
    ...(argument === undefined ? {} : { argument: argumentWords(argument) }),
  }
}

function argumentWords(argument: Argument): ValueWords {
  return valueWords(argument.name(), argument.argChoices)
}

function flagWords(option: Option): FlagWords {
  const name = /[<[](?<name>.+)[>\]]$/.exec(option.flags)?.groups?.['name']
  return {
    names: [option.short, option.long].filter((flag) => flag !== undefined),
    help: option.description,
    ...(name === undefined ? {} : { value: valueWords(name, option.argChoices) }),
  }
}

function valueWords(name: string, choices: readonly string[] = []): ValueWords {
  return { name, choices, isPath: name === 'PATH' || name === 'FILE' }
}
