import type { Command, Option } from 'commander'

/**
 * The flags among some that were given, as words of a command line for another program: in their order, each value in one word
 * with its flag, so that none can be taken for something else, and none comes near a shell.
 *
 * @param options that `command` has, and that are to be passed on; asked for before it is parsed
 * @returns grows as the command line is parsed
 */
export function givenFlags(command: Command, options: readonly Option[]): readonly string[] {
  const given: string[] = []
  for (const option of options) {
    command.on(`option:${option.name()}`, (value: string | null | undefined) => {
      given.push(...wordsOf(option, value))
    })
  }
  return given
}

function wordsOf({ long, short }: Option, value: string | null | undefined): string[] {
  if (value === null || value === undefined) return [long ?? short ?? '']
  return long === undefined ? [short ?? '', value] : [`${long}=${value}`]
}
