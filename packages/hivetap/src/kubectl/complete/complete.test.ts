import { Command, Option } from 'commander'
import { describe, expect, it } from 'vitest'
import { programWords } from '../../cli/completion/command-words.js'
import { TOOLS } from '../../probes/tools.js'
import { plugin } from '../main.js'
import { answerFor, type KubeconfigNames } from './candidates.js'
import { namesIn } from './kubeconfig-names.js'
import { cursorOf } from './place.js'

/** As `kubectl config view --output=json` prints it, with names that somebody made up to do harm. */
const CONFIG: unknown = {
  kind: 'Config',
  contexts: [
    { name: 'prod', context: { cluster: 'east', namespace: 'shop', user: 'ann' } },
    { name: 'test', context: { cluster: 'west', namespace: 'shop', user: 'ann' } },
    { name: 'two words', context: null },
    { name: 'bell\u0007', context: { namespace: 7 } },
    null,
  ],
  clusters: [{ name: 'west' }, { name: 'east' }],
  users: [{ name: 'ann' }],
}

const PLUGIN = programWords(plugin().command)

/** What is answered, line by line, without what the words are for. */
async function completed(
  words: readonly string[],
  program = PLUGIN,
  config = namesIn(CONFIG),
): Promise<string[]> {
  const { place } = cursorOf(program, words)
  const sources = { tools: TOOLS.map(({ name }) => name), kubeconfig: () => Promise.resolve(config) }
  const answer = await answerFor(program, place, words.at(-1) ?? '', sources)
  return answer.split('\n').map((line) => line.split('\t')[0] ?? '')
}

describe('what may follow kubectl hivetap', () => {
  it('is a command, then its flags, then their values', async () => {
    expect(await completed(['tcpconn'])).toEqual(['tcpconnect', 'tcpconnlat', ':4', ''])
    expect(await completed(['tcpconnlat', '--agents-'])).toEqual([
      '--agents-namespace',
      '--agents-selector',
      ':4',
      '',
    ])
    expect(await completed(['tcpconnlat', '-o', ''])).toEqual(['table', 'json', ':4', ''])
    expect(await completed(['tcpconnlat', '--output=j'])).toEqual(['json', ':4', ''])
    expect(await completed(['help', 'sta'])).toEqual(['status', ':4', ''])
  })

  it('says what each is for', async () => {
    const { place } = cursorOf(PLUGIN, ['statu'])
    const sources = { tools: [], kubeconfig: () => expect.fail('no kubeconfig is needed') }
    const summary = PLUGIN.commands.find(({ name }) => name === 'status')?.summary
    expect(await answerFor(PLUGIN, place, 'statu', sources)).toBe(`status\t${summary}\n:4\n`)
  })

  it('is a name of the kubeconfig, in front of the command or behind it', async () => {
    for (const words of [['--context', ''], ['--context='], ['tcpconnlat', '--context', '']])
      expect(await completed(words)).toEqual(['prod', 'test', ':4', ''])
    expect(await completed(['--cluster', 'w', ''])).toContain('tcpconnlat')
    expect(await completed(['--cluster', 'w'])).toEqual(['west', ':4', ''])
    expect(await completed(['status', '--user', ''])).toEqual(['ann', ':4', ''])
    expect(await completed(['status', '--agents-namespace', ''])).toEqual(['default', 'shop', ':4', ''])
  })

  it('is another of a list, behind its comma, with no blank after it', async () => {
    expect(await completed(['trace', 'execsnoop,tcpconn'])).toEqual([
      'execsnoop,tcpconnect',
      'execsnoop,tcpconnlat',
      ':6',
      '',
    ])
    expect(await completed(['tcpconnlat', '-n', 'shop,'])).toEqual(['shop,default', ':6', ''])
  })

  it('is a file, which the shell knows', async () => {
    expect(await completed(['--kubeconfig', '/e'])).toEqual([':0', ''])
  })

  it('is nothing behind an unknown command, a flag without a list, a second argument', async () => {
    for (const words of [
      ['none', ''],
      ['none', '--'],
      ['tcpconnlat', '-p', ''],
      ['trace', 'execsnoop', ''],
      [],
    ])
      expect((await completed(words)).at(-2)).toBe(':4')
    expect(await completed(['none', ''])).toEqual([':4', ''])
    expect(await completed(['trace', '--', 'execsnoop', '-'])).toEqual([':4', ''])
  })

  it('reads a kubeconfig’s place where it is named, and not behind --', () => {
    const kubeconfig = (...words: string[]) => cursorOf(PLUGIN, words).kubeconfig
    expect(kubeconfig('--kubeconfig', 'a', 'status', '')).toBe('a')
    expect(kubeconfig('--kubeconfig=b', 'status', '')).toBe('b')
    expect(kubeconfig('status', '--', '--kubeconfig=b', '')).toBeUndefined()
    expect(kubeconfig('status', '--kubeconfig', 'a')).toBeUndefined()
  })

  it('offers no flag twice, a command’s own before the program’s', async () => {
    const program = new Command('p').addOption(new Option('--user <NAME>', 'of the cluster'))
    program.addCommand(new Command('c').addOption(new Option('-u, --user <UID>', 'of the process')))
    const words = programWords(program)
    expect(await completed(['c', '--'], words)).toEqual(['--user', '--help', ':4', ''])
    expect(await completed(['c', '--user', ''], words)).toEqual([':4', ''])
  })
})

it('a kubeconfig that is none has no names but the namespace that always is', () => {
  const nothing: KubeconfigNames = { contexts: [], clusters: [], users: [], namespaces: ['default'] }
  for (const config of [
    undefined,
    null,
    7,
    'x',
    [],
    {},
    { contexts: 7, clusters: null },
    { contexts: [1, [], {}] },
  ])
    expect(namesIn(config)).toEqual(nothing)
})
