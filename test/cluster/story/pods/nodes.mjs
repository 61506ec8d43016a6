// @ts-check
/**
 * Runs on every node, with the node's folders below /host: removes what agents of a run keep there (`sweep`), or says what is
 * there (`look`), as JSON. Then it waits, ready.
 */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'

const [what, run = ''] = process.argv.slice(2)
const places = [`/host/bpf/hivetap-${run}`, `/host/lib/hivetap-${run}`]
if (what === 'sweep') for (const place of places) removeAll(place)
const left = places.filter((place) => existsSync(place))
process.stdout.write(`${JSON.stringify({ left })}\n`)
writeFileSync('/tmp/done', '')
process.on('SIGTERM', () => process.exit(0))
setInterval(() => {}, 1 << 30)

/**
 * A BPF file system knows no removal of what is not empty, and gives no kinds of entries.
 *
 * @param {string} place
 */
function removeAll(place) {
  if (!existsSync(place)) return
  try {
    for (const name of readdirSync(place)) removeAll(`${place}/${name}`)
  } catch {
    // It is no folder.
  }
  rmSync(place, { recursive: true, force: true })
}
