// @ts-check
import { fileURLToPath } from 'node:url'
import { Program, wait } from '../program.mjs'

const CONNECT_TO = fileURLToPath(new URL('connect-to.mjs', import.meta.url))
/** A network of its own, in which all addresses of pods are its own. */
const EVERYBODY = 'ip link set lo up && ip route add local 10.244.0.0/16 dev lo && exec "$@"'
const A_SECOND = 100

/**
 * What connects to pods, each second to others, a hundred a second, once it is told to begin.
 *
 * @param {() => readonly string[]} addresses that pods have now
 */
export async function startVisits(addresses) {
  const program = new Program('unshare', [
    '--net',
    'sh',
    '-ec',
    EVERYBODY,
    'sh',
    process.execPath,
    CONNECT_TO,
  ])
  await program.until(() => program.stdout.includes('ready'), 'it was ready')
  let isOver = false
  const go = async () => {
    for (let at = 0; !isOver; at += A_SECOND) {
      const all = addresses()
      const some = Array.from({ length: A_SECOND }, (_, index) => all[(at + index) % all.length])
      program.child.stdin?.write(`${JSON.stringify(some)}\n`)
      await wait(1000)
    }
  }
  /** @type {Promise<void> | undefined} */
  let going
  return {
    pid: program.pid,
    begin: () => {
      going = go()
    },
    /** @returns how many were made */
    end: async () => {
      isOver = true
      await going
      program.child.stdin?.end()
      await program.ended()
      return program.result()['made'] ?? 0
    },
  }
}
