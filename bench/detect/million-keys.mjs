// @ts-check
/**
 * Has a detector look at connects of a million keys in so many windows, one of each in each, and prints the most memory that was
 * resident, megabytes: `[WINDOWS [CONNECTS]]`. Each stands for so many connects: with 20, what is usual is learnt of all keys.
 */
import { Detector } from '../../packages/hivetap/dist/detect/detector.js'
import { emptyObservation } from '../../packages/hivetap/dist/detect/observation.js'
import { detectionSchema, rulesOf } from '../../packages/hivetap/dist/detect/rules/schema.js'

const [windows = '2', weight = '1'] = process.argv.slice(2)
const SOURCES = 1000
const DESTINATIONS = 1000
const START_US = 1_700_000_040_000_000

const detection = detectionSchema.parse({
  rules: [{ kind: 'failures' }, { kind: 'stuck', window: '60s' }, { kind: 'baseline' }],
  max_keys: SOURCES * DESTINATIONS,
})
const detector = new Detector({
  rules: rulesOf(detection),
  latenessUs: 10_000_000,
  maxKeys: detection.max_keys,
})
const connect = { ...emptyObservation(), weight: Number(weight), outcome: /** @type {const} */ ('connected') }
let count = 0
for (let round = 0; round < Number(windows); round++)
  for (let source = 0; source < SOURCES; source++)
    for (let destination = 0; destination < DESTINATIONS; destination++) {
      connect.timeUs = START_US + Math.floor((count++ / (SOURCES * DESTINATIONS)) * 60_000_000)
      connect.latencyUs = 200 + ((source * 7 + destination * 13) % 5000)
      connect.source = `workload-${source}`
      connect.destination = `10.${destination % 250}.${Math.floor(destination / 250)}.1:5432`
      detector.take(connect)
    }
detector.finish()
if (detector.keys.size !== SOURCES * DESTINATIONS)
  throw new Error(`${detector.keys.size} keys are remembered`)
process.stdout.write(`${process.resourceUsage().maxRSS / 1024}\n`)
