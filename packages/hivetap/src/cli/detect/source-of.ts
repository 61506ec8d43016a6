import type { DetectOptions } from './detect-options.js'
import type { Source } from './source.js'

/** Where the options say that connects come from; what reads it is loaded now. */
export async function sourceOf(options: DetectOptions): Promise<Source> {
  const { store, file = '-', brokers, topic } = options
  if (brokers !== undefined && topic !== undefined)
    return (await import('./topic-source.js')).topicSource({ ...options, brokers, topic })
  if (store !== undefined) return (await import('./store-source.js')).storeSource(store)
  return (await import('./file-source.js')).fileSource(file)
}
