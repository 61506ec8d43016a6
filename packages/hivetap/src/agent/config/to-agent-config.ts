import type { z } from 'zod'
import { nodeNameOf, podWish } from '../../kubernetes/names-config.js'
import type { AgentConfig, SinkConfig, SummariesConfig } from '../agent.js'
import type { agentSchema } from './schema.js'

type Written = z.output<ReturnType<typeof agentSchema>>

/** What was read, in the shape in which a run takes it. */
export function toAgentConfig(
  written: Written,
  env: Readonly<Record<string, string | undefined>>,
): AgentConfig {
  const { filters, kubernetes, buffer, pin, spool, queue, summaries, log, health } = written
  const { namespaces, selector, pods, containers, ...ofTools } = filters
  const node = nodeNameOf(written.node, env)
  const only = podWish({ namespaces, labels: selector, pods, containers })
  const { names, labels, ...access } = kubernetes
  return {
    node,
    names: { kubernetes: names, node, labels, ...present(access), ...(only === undefined ? {} : { only }) },
    tools: written.tools.map((tool) => ({ ...tool, options: { ...present(ofTools), ...tool.options } })),
    ...present({ hook: written.hook }),
    buffer: present({ kind: buffer.kind, bytes: powerOfTwo(buffer.bytes) }),
    ...(pin.enabled ? { pin: { directory: pin.directory } } : {}),
    spool: {
      ...present({ dir: spool.dir }),
      maxBytes: spool.max_bytes,
      maxAgeMs: spool.max_age,
      segmentBytes: spool.segment_bytes,
      policy: spool.policy,
      fsync: spool.fsync,
    },
    // The schemas of the kinds are not known to the types here.
    sinks: (written.sinks as readonly Record<string, unknown>[]).map(sinkConfig),
    ...(summaries === undefined ? {} : { summaries: summariesConfig(summaries) }),
    queue: {
      batchRecords: queue.batch_records,
      batchBytes: queue.batch_bytes,
      delayMs: queue.delay,
      sinkBytes: queue.sink_bytes,
    },
    accountIntervalMs: written.account_interval,
    shutdownTimeoutMs: written.shutdown_timeout,
    log,
    health: present(health),
  }
}

function summariesConfig(written: NonNullable<Written['summaries']>): SummariesConfig {
  const { tools, every, delay, keep_over, keep_failed, max_keys, examples } = written
  return {
    tools,
    everyMs: every,
    delayMs: delay,
    keepOverMs: keep_over,
    keepFailed: keep_failed,
    maxKeys: max_keys,
    examples,
  }
}

function sinkConfig(settings: Readonly<Record<string, unknown>>): SinkConfig {
  return { name: String(settings['name']), type: String(settings['type']), settings }
}

/** The ring buffer is one. */
function powerOfTwo(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : 2 ** Math.ceil(Math.log2(bytes))
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** Without the keys that have no value. */
function present<T extends object>(values: T): Present<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>
}
