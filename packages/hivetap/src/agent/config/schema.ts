import { z } from 'zod'
import { KUBERNETES_MODES } from '../../kubernetes/names-config.js'
import { directoryPath, oneOf } from '../../probes/option-values.js'
import { BUFFERS, RUNGS } from '../../probes/tool.js'
import { TOOLS } from '../../probes/tools.js'
import { byteSizeSetting } from '../../settings/byte-size-setting.js'
import { durationSetting } from '../../settings/duration-setting.js'
import { SPOOL_POLICIES } from '../../spool/spool.js'
import { FSYNC_POLICIES, LOG_FORMATS, LOG_LEVELS } from '../agent.js'
import type { AnyDestinationKind } from '../destination-kinds.js'
import { OUTPUTS } from './names.js'
import { checkSummaries, SUMMARIES } from './summaries-setting.js'
import { toolSetting } from './tool-setting.js'

/** An agent's configuration as it stands in a file. `meta`: `flag` and `value`, where the path would name them badly. */
export function agentSchema(kinds: readonly AnyDestinationKind[], tools = TOOLS) {
  const schema = z.strictObject({
    node: text('NAME')
      .optional()
      .describe('Name of this host in events; without: $NODE_NAME, or its host name'),
    tools: z
      .array(toolSetting(tools))
      .min(1, { error: 'names no tool' })
      .meta({ flag: 'tool', value: 'NAME' })
      .describe('Tools to run: a name, or a name with options'),
    filters: FILTERS,
    hook: z
      .enum(RUNGS)
      .optional()
      .meta({ value: 'RUNG' })
      .describe('How to attach, instead of the best that works'),
    kubernetes: KUBERNETES,
    buffer: BUFFER,
    pin: PIN,
    spool: SPOOL,
    output: z
      .enum(OUTPUTS)
      .optional()
      .describe('Short for a sink on standard output: tables as the tools print them, or JSON lines'),
    sinks: z
      .array(sinkSetting(kinds))
      .min(1, { error: 'names no sink: events would go nowhere' })
      .max(32, { error: 'names more than 32 sinks' })
      .describe('Where events go. Each is delivered to for itself: one that is down holds up no other'),
    summaries: SUMMARIES,
    queue: QUEUE,
    account_interval: duration('1s', '1h')
      .prefault('60s')
      .describe(
        'How often each tool’s account (produced, delivered, lost by reason) is told among its events',
      ),
    shutdown_timeout: duration('0s', '10m')
      .prefault('10s')
      .describe('How long events that are under way have to be delivered once the agent is to end'),
    log: LOG,
    health: HEALTH,
  })
  return schema.superRefine(checkSummaries)
}

function text(value: string) {
  return z
    .string()
    .min(1, { error: 'is empty' })
    .max(4096, { error: 'has more than 4096 characters' })
    .meta({ value })
}

function path(value: 'PATH' | 'FILE') {
  return text(value).refine((name) => !name.includes('\0'), { error: 'holds a NUL' })
}

const duration = (least: string, most: string) => durationSetting(least, most).meta({ value: 'TIME' })
const size = (least: string, most: string) => byteSizeSetting(least, most).meta({ value: 'SIZE' })

/** A discriminated union; of nothing, where there are no kinds. */
function sinkSetting(kinds: readonly AnyDestinationKind[]) {
  const [first, ...others] = kinds.map(({ config }) => config)
  return first === undefined ? z.never() : z.discriminatedUnion('type', [first, ...others])
}

/** Names, each once. */
function names(value: string) {
  return z.array(text(value)).max(64, { error: 'names more than 64' }).default([]).meta({ value })
}

/** A text that the parser of a flag reads. */
function parsed<T>(value: string, parse: (written: string) => T) {
  return text(value).transform((written, context) => {
    try {
      return parse(written)
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message })
      return z.NEVER
    }
  })
}

const FILTERS = z
  .strictObject({
    pid: z
      .int()
      .min(1)
      .max(2 ** 22 - 1)
      .optional()
      .meta({ flag: 'pid', value: 'PID' })
      .describe('Only this process'),
    uid: z
      .int()
      .min(0)
      .max(2 ** 32 - 2)
      .optional()
      .meta({ flag: 'uid', value: 'UID' })
      .describe('Only this user'),
    cgroup: parsed('PATH', directoryPath)
      .optional()
      .meta({ flag: 'cgroup', value: 'PATH' })
      .describe('Only what is in the cgroup of version 2 with this directory, or below it'),
    sample: parsed('1/N', oneOf)
      .optional()
      .meta({ flag: 'sample', value: '1/N' })
      .describe('Of so many tell one, picked at random in the kernel: 1/10'),
    namespaces: names('NAMESPACE').meta({ flag: 'namespaces' }).describe('Only pods of these namespaces'),
    selector: text('LABELS')
      .optional()
      .meta({ flag: 'selector' })
      .describe('Only pods with such labels, as kubectl has it: app=checkout,tier!=cache'),
    pods: names('POD').meta({ flag: 'pods' }).describe('Only pods of these names'),
    containers: names('CONTAINER')
      .meta({ flag: 'containers' })
      .describe('Only containers of these names, in pods'),
  })
  .prefault({})
  .describe('What all tools leave out, in the kernel')

const KUBERNETES = z
  .strictObject({
    names: z
      .enum(KUBERNETES_MODES)
      .default('auto')
      .describe(
        'Whether pods and Services are named; `auto`: where the agent is in a pod, or has a kubeconfig',
      ),
    kubeconfig: path('FILE')
      .optional()
      .describe('How the API server is reached; without: as a pod of it does'),
    context: text('NAME').optional().describe('Which context of the kubeconfig'),
    labels: names('LABEL').describe('Labels of pods that events carry'),
  })
  .prefault({})
  .describe('Whose events are')

const BUFFER = z
  .strictObject({
    kind: z.enum(BUFFERS).optional().meta({ value: 'KIND' }).describe('Instead of the best that works'),
    bytes: size('4KiB', '1GiB')
      .optional()
      .describe(
        'Its size, or with perf that of each CPU’s; made a power of two. Without: what the tools would have by themselves',
      ),
  })
  .prefault({})
  .describe('The buffer between the kernel and the agent')

const PIN = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .meta({ flag: 'pin' })
      .describe('Whether programs go on while the agent is replaced'),
    directory: path('PATH')
      .default('/sys/fs/bpf/hivetap')
      .describe('Where they are pinned, on a BPF file system'),
  })
  .prefault({})
  .describe('What stays in the kernel when the agent ends')

const SPOOL = z
  .strictObject({
    dir: path('PATH')
      .optional()
      .describe('Where events wait for their sinks, on disk. Without: in memory, and gone with the process'),
    max_bytes: size('1MiB', '16TiB').prefault('1GiB').describe('Bytes that it holds at most'),
    max_age: duration('1s', '365d')
      .prefault('7d')
      .describe('Events that are older are given up, and counted'),
    segment_bytes: size('64KiB', '1GiB').prefault('16MiB').describe('Size of its files'),
    policy: z
      .enum(SPOOL_POLICIES)
      .default('drop_oldest')
      .describe('What it does when it is full; `block` lets the kernel’s buffer fill'),
    fsync: z
      .enum(FSYNC_POLICIES)
      .default('interval')
      .describe(
        'When it is brought to the disk itself: what a power cut may cost. A crash of the agent costs nothing',
      ),
  })
  .superRefine(({ max_bytes, segment_bytes }, context) => {
    // What is wrong itself is not compared.
    if (!(segment_bytes * 2 > max_bytes)) return
    context.addIssue({
      code: 'custom',
      path: ['segment_bytes'],
      message: 'is at most half of max_bytes: a spool has two files at least',
    })
  })
  .prefault({})
  .describe('What keeps events until every sink has them')

const QUEUE = z
  .strictObject({
    batch_records: z
      .int()
      .min(1)
      .max(100_000)
      .default(1000)
      .meta({ value: 'N' })
      .describe('Events of a batch at most'),
    batch_bytes: size('4KiB', '64MiB').prefault('512KiB').describe('Bytes of a batch at most'),
    delay: duration('0s', '1m')
      .prefault('100ms')
      .describe('How long an event waits for others, to go as a batch'),
    sink_bytes: size('64KiB', '1GiB')
      .prefault('8MiB')
      .describe('Bytes that are on their way to a sink at once; the rest waits in the spool'),
  })
  .prefault({})
  .describe('Bounds of what is under way')

const LOG = z
  .strictObject({
    level: z.enum(LOG_LEVELS).default('info').describe('What is said at least'),
    format: z.enum(LOG_FORMATS).default('auto').describe('`auto`: text on a terminal, JSON elsewhere'),
  })
  .prefault({})
  .describe('What the agent says of itself, on standard error')

const HEALTH = z
  .strictObject({
    file: path('FILE')
      .optional()
      .describe(
        'Written anew each few seconds while the agent lives, as JSON; `hivetap health FILE` reads it',
      ),
    socket: path('FILE')
      .optional()
      .describe('A Unix socket that answers with the same JSON; `hivetap health SOCKET` asks it'),
  })
  .prefault({})
  .describe('How others learn whether the agent is well')
