import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Client, type Connected, type EndPoint } from '../../../../../test/support/client.js'
import { hasCommand } from '../../../../../test/support/commands.js'
import { HIVETAP, Hivetap } from '../../../../../test/support/hivetap.js'
import { describeKernel } from '../../../../../test/support/kernel.js'
import { FAR, NEAR, Network, networkBlockedBy } from '../../../../../test/support/network.js'

const BPFTRACE = new URL('../../../../../test/peers/tables/tcpconnlat.bt', import.meta.url)
const DETECT = '"$NODE" "$HIVETAP" detect --over 100ms --window 1s --lateness 0s'
/** bpftrace asks for it, and it is not mounted everywhere: in a mount namespace of its own, it is. */
const WITH_TRACEFS = `unshare -m sh -c 'mount -t tracefs none /sys/kernel/tracing && exec "$@"' -`
/** There and back again it takes longer than what detection is asked for. */
const DELAY_MS = 60
const WAIT_MS = 60_000

const describeNetwork = networkBlockedBy() === undefined ? describeKernel : describe.skip
const itWithBpftrace = hasCommand('bpftrace') ? it : it.skip

/** A line of a shell. */
function pipelineOf(line: string): Hivetap {
  const env = { NODE: process.execPath, HIVETAP }
  return new Hivetap([], { command: ['sh', '-c', line], env, isGroup: true })
}

/** Does something again and again until a condition holds. */
async function meanwhile(run: Hivetap, work: () => Promise<unknown>, isOver: () => boolean): Promise<void> {
  const deadline = Date.now() + WAIT_MS
  while (!isOver()) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${run.stdout}\n${run.stderr}`)
    await work()
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

let network: Network
let client: Client
let directory: string
let pipeline: Hivetap | undefined

beforeEach(async () => {
  network = new Network('pipes')
  client = new Client(network.prefix)
  directory = mkdtempSync(join(tmpdir(), 'hivetap-pipes-'))
  await network.lay({ delayMs: DELAY_MS })
})
afterEach(async () => {
  client.stop()
  await pipeline?.kill()
  pipeline = undefined
  network.remove()
  rmSync(directory, { recursive: true })
})

/** Connects to the far end, which is slow; what the client itself says of it. */
async function connect({ port }: EndPoint): Promise<Connected> {
  const made = await client.connect({ address: FAR, port })
  await client.close(made.fd)
  return made
}

describeNetwork('hivetap detect in a pipe, of connects that are slow indeed', () => {
  it('tells the first, and all end when its reader has had enough', async () => {
    const { pid, comm } = await client.who()
    const begun = pipelineOf(
      `"$NODE" "$HIVETAP" tcpconnlat -v -p ${pid} -o json | ${DETECT} | head -1; echo "head $?"`,
    )
    pipeline = begun
    await begun.until(({ stderr }) => stderr.includes('attached by'), 'attached', WAIT_MS)
    await meanwhile(
      begun,
      // As of grep: that its reader is gone it learns when there is something to tell again.
      async () => connect(await client.listen(NEAR)),
      () => begun.hasEnded,
    )
    const lines = begun.stdout.split('\n')
    expect(lines[0]).toMatch(new RegExp(`^OPEN warning: slow connects to ${FAR}:\\d+ from ${comm}: \\d+ ms`))
    expect(lines.slice(1)).toEqual(['head 0', ''])
    expect(begun.stderr).not.toMatch(/EPIPE|at .*\.js:\d+/)
  }, 150_000)

  itWithBpftrace(
    'reads a script of bpftrace as it runs, and tells what the client measured',
    async () => {
      const { pid, comm } = await client.who()
      const script = join(directory, 'tcpconnlat.bt')
      const any = readFileSync(BPFTRACE, 'utf8')
      const own = any.replace('/args->newstate == 2/', `/args->newstate == 2 && pid == ${pid}/`)
      expect(own).not.toBe(any)
      writeFileSync(script, own)
      const listener = await client.listen(NEAR)
      const begun = pipelineOf(`${WITH_TRACEFS} bpftrace -B line ${script} | ${DETECT} -o json`)
      pipeline = begun
      const tookUs: number[] = []
      await meanwhile(
        begun,
        async () => tookUs.push((await connect(listener)).tookUs),
        () => begun.stdout.includes('\n'),
      )
      const [line = ''] = begun.stdout.split('\n')
      const alert = JSON.parse(line) as Readonly<Record<string, unknown>>
      expect(alert).toMatchObject({
        state: 'open',
        rule: 'over',
        key: { source: comm, destination: `${FAR}:${listener.port}` },
      })
      // As many as were slow before the first was told.
      const { examples } = alert as { readonly examples: readonly unknown[] }
      expect(examples.length).toBeGreaterThan(0)
      for (const example of examples) expect(example).toMatchObject({ pid, comm })
      expect(alert['observed']).toBeGreaterThanOrEqual(2 * DELAY_MS * 1000)
      expect(alert['observed']).toBeLessThanOrEqual(Math.max(...tookUs))
      await begun.end('SIGINT')
      expect(begun.stderr).toMatch(/hivetap: \d+ lines: \d+ connects, \d+ of other things, 0 unreadable/)
    },
    150_000,
  )
})
