import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Argument, Command, Option } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasCommand } from '../../../../../test/support/commands.js'
import { COMPLETERS, type Offered } from '../../../../../test/support/complete.js'
import { TOOLS } from '../../probes/tools.js'
import { completionCommand, completionScript } from '../completion-command.js'
import { toolCommand } from '../tool-command.js'
import { programWords } from './command-words.js'

/** Nothing of this may be read as code: by bash, by zsh within _arguments and _describe, by fish. */
const NASTY = 'It’s what\'s [here]: "all" of $HOME, `id`, $(id), (id) & {a,b} <c> %d \\n *? ~; -- #!'

/** All that a script has to cope with. */
function sample(): Command {
  const program = new Command('sample').version('1')
  program.addCommand(
    new Command('trace')
      .summary(NASTY)
      .argument('[FILE]')
      .addOption(new Option('-o, --output <FORMAT>', NASTY).choices(['table', 'json']))
      .addOption(new Option('-f, --from <PATH>', `From: ${NASTY}`))
      .addOption(new Option('-p, --pid <PID,…:[x]>', 'of: this'))
      .addOption(new Option('--all', NASTY))
      .addOption(new Option('-4', 'only: [IPv4]')),
  )
  program.addCommand(
    new Command('traceroute').summary('Go there').addArgument(new Argument('<WAY>').choices(['up', 'down'])),
  )
  program.addCommand(new Command('hidden'), { hidden: true })
  return program
}

/** hivetap, as far as it is completed. */
function hivetap(): Command {
  const program = new Command('hivetap').version('1')
  for (const tool of TOOLS) program.addCommand(toolCommand(tool))
  return program.addCommand(completionCommand(program))
}

/** What each line of the sample is completed by. */
const EXPECTED: Readonly<Record<string, Offered>> = {
  'sample tr': { trace: NASTY, traceroute: 'Go there' },
  'sample ': { trace: NASTY, traceroute: 'Go there', help: 'display help for command' },
  'sample --': { '--version': 'output the version number', '--help': 'display help for command' },
  'sample none ': {},
  'sample none --': {},
  'sample trace --': {
    '--output': NASTY,
    '--from': `From: ${NASTY}`,
    '--pid': 'of: this',
    '--all': NASTY,
    '--help': 'display help for command',
  },
  'sample trace --pi': { '--pid': 'of: this' },
  'sample trace -o ': { table: '', json: '' },
  'sample trace --output ': { table: '', json: '' },
  'sample trace --output j': { json: '' },
  'sample trace --output=': { table: '', json: '' },
  'sample trace --output=j': { json: '' },
  'sample trace -o json --fr': { '--from': `From: ${NASTY}` },
  'sample trace -p ': {},
  'sample trace --pid=': {},
  'sample trace --from some/f': { file: '' },
  'sample trace -f some/f': { file: '' },
  'sample trace --from=some/f': { file: '' },
  'sample trace --all some/f': { file: '' },
  'sample traceroute ': { up: '', down: '' },
  'sample traceroute -': { '-h': 'display help for command', '--help': 'display help for command' },
  'sample traceroute some': {},
  'sample help tr': { trace: '', traceroute: '' },
  'sample help help -': {},
}

/** What the help of a tool shows, by its flags. */
function flagsOf(tool: (typeof TOOLS)[number]): Offered {
  const { commands } = programWords(hivetap())
  const flags = commands.find(({ name }) => name === tool.name)?.flags ?? []
  return Object.fromEntries(flags.flatMap(({ names, help }) => names.map((name) => [name, help])))
}

function words(offers: Offered = {}): string[] {
  return Object.keys(offers).sort()
}

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hivetap-completion-'))
  mkdirSync(join(folder, 'some'))
  writeFileSync(join(folder, 'some/file'), '')
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(['bash', 'zsh', 'fish'] as const)('completion in %s', (shell) => {
  /** What the shell offers for lines of a program. */
  function offered(program: Command, lines: readonly string[]): Record<string, Offered> {
    const script = join(folder, `${program.name()}.${shell}`)
    writeFileSync(script, completionScript(shell, program))
    const answers = COMPLETERS[shell](script, lines, folder)
    expect(answers).toHaveLength(lines.length)
    return Object.fromEntries(lines.map((line, index) => [line, shown(answers[index] ?? {})]))
  }

  /** Without the folder of a file, which zsh does not repeat. */
  function shown(offers: Offered): Offered {
    return Object.fromEntries(Object.entries(offers).map(([word, help]) => [word.replace('some/', ''), help]))
  }

  /** Of what a shell is to say, what it can: bash has no place for what words are for. */
  function sayable(offers: Offered): Offered {
    return shell === 'bash' ? Object.fromEntries(Object.keys(offers).map((word) => [word, ''])) : offers
  }

  it.skipIf(!hasCommand(shell))('offers what may stand there, with what it is, as it is written', () => {
    const answers = offered(sample(), Object.keys(EXPECTED))
    for (const [line, expected] of Object.entries(EXPECTED)) {
      expect(words(answers[line]), line).toEqual(words(expected))
      // Of a value fish says what its flag is.
      if (line.endsWith('-') || !/ -/.test(line)) expect(answers[line], line).toEqual(sayable(expected))
    }
  })

  it.skipIf(!hasCommand(shell))('knows hivetap: each tool, its flags and their values', () => {
    const lines = TOOLS.flatMap(({ name }) => [`hivetap ${name} -`, `hivetap ${name} --hook `])
    const answers = offered(hivetap(), ['hivetap ', 'hivetap completion ', ...lines])
    expect(words(answers['hivetap '])).toEqual(
      ['completion', 'help', ...TOOLS.map(({ name }) => name)].sort(),
    )
    expect(answers['hivetap completion ']).toEqual({ bash: '', zsh: '', fish: '' })
    for (const tool of TOOLS) {
      expect(answers[`hivetap ${tool.name} -`]).toEqual(sayable(flagsOf(tool)))
      expect(words(answers[`hivetap ${tool.name} --hook `])).toEqual([...tool.rungs].sort())
    }
  })
})
