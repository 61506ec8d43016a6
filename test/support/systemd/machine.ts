import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Said } from './console.js'
import { assertIsolated } from './isolation.js'
import { MachinePlace } from './machine-place.js'
import { TARGET } from './machine-root.js'
import { nspawn, nspawnEnvironment } from './nspawn.js'

/** Enters a control group. */
const ENTER = 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"'
/** What of process 1 is a command's too: its root last, or none would be. */
const AS_IN_IT = ['-m', '-p', '-u', '-i', '-n', '-C', '--root', '--wd']

/** How a command ended. */
export interface Done {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * A machine with a real systemd as its process 1, in a container of systemd-nspawn: its root is a folder of the test's own, what
 * it runs is this host's, read-only. Nothing of it is left once it is closed.
 */
export class Machine {
  /** Process 1, as this host numbers it. */
  readonly pid: number
  readonly #place: MachinePlace

  private constructor(place: MachinePlace, pid: number) {
    this.#place = place
    this.pid = pid
  }

  /**
   * @param more of the container's command line
   * @throws if it could write to this host, or does not come up
   */
  static async boot(more: readonly string[] = []): Promise<Machine> {
    const place = new MachinePlace()
    const { folder, group } = place
    const container = (how: readonly string[]) => [
      ...['sh', '-c', ENTER, 'sh', group],
      ...nspawn(folder, [...more, ...how]),
    ]
    try {
      await assertIsolated(container, folder)
      const [command = '', ...args] = container(['--console=pipe', '--boot', `systemd.unit=${TARGET}`])
      const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: nspawnEnvironment() })
      const said = new Said(child)
      const machine = new Machine(place, await said.until(() => leaderOf(child.pid)))
      await said.until(() => machine.#isUp())
      return machine
    } catch (error) {
      await place.remove()
      throw error
    }
  }

  /** A path of the machine's own disk, as this host has it. */
  path(inside: string): string {
    return join(this.#place.folder, 'root', inside)
  }

  /** In front of a command that is to have the machine's network, and its groups and files from outside. */
  get inNetwork(): readonly string[] {
    return ['nsenter', '-t', String(this.pid), '-n']
  }

  /** Runs a command in it, to its end. */
  run(...command: readonly string[]): Promise<Done> {
    return new Promise((resolve) => {
      execFile(
        'nsenter',
        ['-t', String(this.pid), ...AS_IN_IT, ...command],
        { maxBuffer: 64 << 20 },
        (error, stdout, stderr) =>
          resolve({ status: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
      )
    })
  }

  /** Ends all that runs in it, and takes away what it was made of. */
  close(): Promise<void> {
    return this.#place.remove()
  }

  async #isUp(): Promise<true | undefined> {
    const { stdout } = await this.run('systemctl', 'is-system-running')
    if (stdout.trim() === 'degraded') {
      const failed = await this.run('systemctl', '--failed', '--plain', '--no-legend')
      throw new Error(`units of the machine failed: ${failed.stdout}`)
    }
    return stdout.trim() === 'running' ? true : undefined
  }
}

/** The process of systemd-nspawn that is 1 in its container: once it is systemd. */
function leaderOf(pid: number | undefined): number | undefined {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
    return children
      .map(Number)
      .find((child) => child > 0 && readFileSync(`/proc/${child}/comm`, 'utf8') === 'systemd\n')
  } catch {
    // It ends in between.
    return undefined
  }
}
