import { Option } from 'commander'
import { nameList, seconds } from '../probes/option-values.js'
import { BUFFERS, type BufferKind, type Flag, type Rung } from '../probes/tool.js'
import { OUTPUT_FORMATS, type OutputFormat } from '../sinks/tool-format.js'
import { reader } from './command-option.js'

/** What every run can be told. */
export interface RunOptions {
  readonly output: OutputFormat
  /** Seconds after which it ends by itself. */
  readonly duration?: number
  /** Whether it ends when its standard input does. */
  readonly untilStdinEnds?: boolean
  readonly stats?: boolean
  readonly verbose?: boolean
  readonly hook?: Rung
  readonly buffer?: BufferKind
  /** Names of the table's columns. */
  readonly columns?: readonly string[]
  readonly namespace?: readonly string[]
  readonly selector?: string
  readonly pod?: readonly string[]
  readonly container?: readonly string[]
  readonly kubeconfig?: string
  readonly context?: string
  readonly nodeName?: string
}

/**
 * Its flags.
 *
 * @param own flags of the tool itself: where one has the letter of another here, the long name alone stands for that
 */
export function runOptions(rungs: readonly Rung[], own: readonly Pick<Flag, 'flags'>[]): Option[] {
  const lettered = (letter: string, flags: string) =>
    own.some(({ flags: text }) => text.startsWith(`${letter}, `)) ? flags : `${letter}, ${flags}`
  return [
    new Option('-o, --output <FORMAT>', 'table, an event a line, or both: an event with its row')
      .choices([...OUTPUT_FORMATS])
      .default('table'),
    new Option(
      '--columns <NAME,…>',
      'the columns of the table: of the tool, or node, namespace, pod, container, workload, unit, service',
    ).argParser(reader(nameList)),
    new Option(lettered('-n', '--namespace <NAME,…>'), 'only pods of these namespaces').argParser(
      reader(nameList),
    ),
    new Option(lettered('-l', '--selector <LABELS>'), 'only pods with such labels: app=checkout,tier!=cache'),
    new Option('--pod <NAME,…>', 'only these pods').argParser(reader(nameList)),
    new Option('--container <NAME,…>', 'only these containers, in pods').argParser(reader(nameList)),
    new Option('--kubeconfig <FILE>', 'how the API server that names pods is reached; in a pod, it is known'),
    new Option('--context <NAME>', 'which context of the kubeconfig'),
    new Option(
      '--node-name <NAME>',
      'this node, as Kubernetes calls it; without: $NODE_NAME, or the host’s name',
    ),
    new Option('--duration <S>', 'end after so many seconds').argParser(reader(seconds)),
    new Option('--until-stdin-ends', 'end when standard input does, as kubectl exec -i and ssh have it'),
    new Option(
      '--stats',
      'say at the end, and each minute, what was seen and what was lost; without, only at the end, and only if something was',
    ),
    new Option('--hook <RUNG>', 'how to attach, instead of the best that works').choices([...rungs]),
    new Option('--buffer <KIND>', 'how events come from the kernel, instead of the best that works').choices([
      ...BUFFERS,
    ]),
    new Option('-v, --verbose', 'say what was chosen and why, and on an error what led to it'),
  ]
}
