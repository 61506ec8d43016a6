// @ts-check
/** Reads a topic as `hivetap detect` does, until so many events were read; prints what that cost: `BROKER TOPIC GROUP EVENTS`. */
import { topicSource } from '../../packages/hivetap/dist/cli/detect/topic-source.js'
import { detectionSchema } from '../../packages/hivetap/dist/detect/rules/schema.js'
import { openRelay } from '../../packages/hivetap/dist/sinks/alerts/open-relay.js'
import { Watch } from '../../packages/hivetap/dist/sinks/detect/watch.js'

const [broker = '', topic = '', group = '', events = '0'] = process.argv.slice(2)
const relay = await openRelay([], { node: 'bench', note: () => undefined })
const watch = new Watch({ detection: detectionSchema.parse({}), relay })
const stop = new AbortController()
/** @type {NodeJS.CpuUsage | undefined} */
let begin
let beginMs = 0
const look = setInterval(() => {
  const { lines } = watch.reader.counts
  if (lines >= Number(events)) stop.abort()
}, 5)
// What joins the group and waits for it is no part of it: it is counted from the first record on.
const readRecordIn = watch.reader.readRecordIn.bind(watch.reader)
/** @type {typeof readRecordIn} */
const readFirst = (bytes, from, to, stream, clampUs, where) => {
  begin = process.cpuUsage()
  beginMs = performance.now()
  watch.reader.readRecordIn = readRecordIn
  readRecordIn(bytes, from, to, stream, clampUs, where)
}
watch.reader.readRecordIn = readFirst
const source = topicSource({ brokers: [broker], topic, group, fromBeginning: true })
await source(watch, { position: undefined, signal: stop.signal, flush: () => undefined })
clearInterval(look)
const { user, system } = process.cpuUsage(begin)
const { lines, observations } = watch.reader.counts
const seconds = (performance.now() - beginMs) / 1000
process.stdout.write(
  `${JSON.stringify({ lines, observations, cpuSeconds: (user + system) / 1e6, seconds })}\n`,
)
await relay.close(0)
