import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Said } from './console.js'
import { assertIsolated } from './isolation.js'
import { MachineGroup } from './machine-group.js'
import { makeRoot, makeUsr, TARGET } from './machine-root.js'
import { nspawn, nspawnEnvironment } from './nspawn.js'

/** Enters a control group, and ends with whoever started it. */
const ENTER = 'echo $$ >"$1/cgroup.procs" && shift && exec setpriv --pdeathsig KILL "$@"'
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
  readonly #child: ChildProcess
  readonly #group: MachineGroup
  readonly #folder: string

  private constructor(child: ChildProcess, pid: number, group: MachineGroup, folder: string) {
    this.#child = child
    this.pid = pid
    this.#group = group
    this.#folder = folder
  }

  /**
   * @param more of the container's command line
   * @throws if it could write to this host, or does not come up
   */
  static async boot(more: readonly string[] = []): Promise<Machine> {
    const folder = mkdtempSync(join(tmpdir(), 'hivetap-machine-'))
    let group: MachineGroup | undefined
    let child: ChildProcess | undefined
    try {
      for (const name of ['root', 'usr']) mkdirSync(join(folder, name))
      makeRoot(join(folder, 'root'))
      makeUsr(join(folder, 'usr'))
      group = new MachineGroup(basename(folder))
      const enter = ['sh', '-c', ENTER, 'sh', group.path]
      await assertIsolated((how) => [...enter, ...nspawn(folder, [...more, ...how])], folder)
      const boot = [...more, '--console=pipe', '--boot', `systemd.unit=${TARGET}`]
      const [command = '', ...args] = [...enter, ...nspawn(folder, boot)]
      child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: nspawnEnvironment() })
      const said = new Said(child)
      const machine = new Machine(child, await said.until(() => leaderOf(child?.pid)), group, folder)
      await said.until(() => machine.#isUp())
      return machine
    } catch (error) {
      await end({ child, pid: leaderOf(child?.pid), group, folder })
      throw error
    }
  }

  /** A path of the machine's own disk, as this host has it. */
  path(inside: string): string {
    return join(this.#folder, 'root', inside)
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
    return end({ child: this.#child, pid: this.pid, group: this.#group, folder: this.#folder })
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

interface Parts {
  readonly child: ChildProcess | undefined
  readonly pid: number | undefined
  readonly group: MachineGroup | undefined
  readonly folder: string
}

async function end({ child, pid, group, folder }: Parts): Promise<void> {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    const over = once(child, 'exit')
    // The kernel ends all others with process 1; systemd-nspawn then takes back what it made, and ends.
    if (pid === undefined) child.kill('SIGKILL')
    else process.kill(pid, 'SIGKILL')
    await over
  }
  await group?.remove()
  rmSync(folder, { recursive: true })
}
