import { symlinkSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { hasCommand } from './commands.js'
import { ExecCaller, ExecFolder, type Started, type Word } from './exec-caller.js'
import { Hivetap } from './hivetap.js'

/** A user that is not the tests' own, and how a program is started as that one. */
export const ANOTHER_USER = 10_001
export const AS_ANOTHER_USER = [
  ...['setpriv', '--reuid', String(ANOTHER_USER), '--regid', String(ANOTHER_USER), '--clear-groups'],
]

/** What tests of execsnoop start, and what traces it: for each test a caller of its own; all is stopped after it. */
export class ExecScene {
  readonly #callers: ExecCaller[] = []
  readonly #runs: Hivetap[] = []
  #folder: ExecFolder | undefined
  #caller: ExecCaller | undefined

  /** The program that is started, and place for others. */
  get folder(): ExecFolder {
    if (this.#folder === undefined) throw new Error('There is no compiler')
    return this.#folder
  }

  /** The process that execs. */
  get caller(): ExecCaller {
    if (this.#caller === undefined) throw new Error('No test has begun')
    return this.#caller
  }

  /** Makes all of it for the tests of a file. */
  static forTests(): ExecScene {
    const scene = new ExecScene()
    beforeAll(() => {
      if (hasCommand('gcc')) scene.#folder = new ExecFolder()
    })
    afterAll(() => scene.#folder?.close())
    beforeEach(async () => {
      scene.#caller = await scene.startCaller()
    })
    afterEach(async () => {
      await scene.stopCallers()
      for (const run of scene.#runs.splice(0)) await run.kill()
    })
    return scene
  }

  async startCaller(prefix: readonly string[] = []): Promise<ExecCaller> {
    const started = await ExecCaller.start(this.folder.program, prefix)
    this.#callers.push(started)
    return started
  }

  async stopCallers(): Promise<void> {
    for (const one of this.#callers.splice(0)) await one.stop()
  }

  /** A run of hivetap that is ended after the test. */
  start(args: readonly string[], options: ConstructorParameters<typeof Hivetap>[1] = {}): Hivetap {
    const run = new Hivetap(args, options)
    this.#runs.push(run)
    return run
  }

  /** Starts execsnoop, on the caller's process alone unless told otherwise. */
  async trace(
    args: readonly string[],
    options: ConstructorParameters<typeof Hivetap>[1] = {},
  ): Promise<Hivetap> {
    const only = args.some((arg) => ['-u', '-c', '--cgroup', '-p'].includes(arg))
      ? []
      : ['-p', String(this.caller.pid)]
    return this.start(['execsnoop', ...only, '-v', '--stats', ...args], options).attached()
  }

  /** An exec that must succeed. */
  async started(...words: readonly Word[]): Promise<Started> {
    const result = await this.caller.exec(...words)
    if (!('args' in result)) throw new Error(`${words[0]} failed: errno ${result.errno}`)
    return result
  }

  /** Writes a script that all may start. */
  script(name: string, firstLine: string): string {
    const path = this.folder.at(name)
    writeFileSync(path, `${firstLine}\n`, { mode: 0o755 })
    return path
  }

  /** Another name of the program. */
  symlink(name: string): string {
    const path = this.folder.at(name)
    try {
      symlinkSync(this.folder.program, path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    return path
  }
}

/** Waits for so many lines, ends the run in order, and gives its account. */
export async function accountOf(run: Hivetap, count: number): Promise<Readonly<Record<string, unknown>>> {
  await run.until(({ lines }) => lines.length >= count, `${count} lines`)
  expect(await run.end()).toEqual({ code: 0, signal: null })
  expect(run.lines).toHaveLength(count)
  return run.ledgers.at(-1) ?? {}
}

/** That an account is whole: all is told, or left out because it was others'. */
export function expectWhole(
  account: Readonly<Record<string, unknown>>,
  delivered: number,
  truncated = 0,
): void {
  const { produced, filtered, dropped } = account
  expect(account).toMatchObject({ delivered, sampled_out: 0, in_flight: 0, truncated })
  expect(dropped).toEqual({})
  expect(produced).toBe(delivered + (filtered as number))
}

/** What an event must say of an exec that succeeded: as /proc and the program have it. */
export function toldOf(started: Started): object {
  return {
    tool: 'execsnoop',
    pid: started.pid,
    ppid: started.ppid,
    parent_comm: started.parentComm,
    uid: started.uid,
    comm: started.comm,
    args: started.args,
    return_value: 0,
    ...(started.cgroupId === undefined ? {} : { cgroup_id: started.cgroupId }),
    ...(started.caller === 0 ? {} : { tid: started.caller }),
  }
}
