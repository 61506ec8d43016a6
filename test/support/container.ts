import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hivetap } from './hivetap.js'
import type { ImageConfig } from './oci-archive.js'
import { writeRuncSpec } from './runc-spec.js'

/** A profile as runtimes of containers read it. */
interface Seccomp {
  readonly archMap?: readonly { readonly architecture: string }[]
}

/**
 * A container of runc: the image's own configuration, two capabilities, a root that cannot be written, no new rights; the
 * network is that of whoever runs it, as a loopback is up there.
 */
export class Container {
  readonly #id = `hivetap-test-${randomUUID()}`
  readonly #folder = mkdtempSync(join(tmpdir(), 'hivetap-container-'))
  readonly #rootfs: string
  readonly #image: ImageConfig
  readonly #seccomp: Seccomp | undefined
  readonly #runs: Hivetap[] = []

  /** @param seccomp a profile that system calls are held against; none without */
  constructor(rootfs: string, image: ImageConfig, seccomp?: string) {
    this.#rootfs = rootfs
    this.#image = image
    if (seccomp !== undefined) this.#seccomp = JSON.parse(readFileSync(seccomp, 'utf8')) as Seccomp
  }

  /** Runs it, as its first process; a signal that is sent to it goes to that. */
  run(args: readonly string[], entrypoint: readonly string[] = this.#image.config.Entrypoint): Hivetap {
    writeRuncSpec(this.#folder, (spec) => {
      const { process, linux } = spec
      process.args = [...entrypoint, ...args]
      process.env = this.#image.config.Env
      process.cwd = this.#image.config.WorkingDir
      process.noNewPrivileges = true
      for (const set of Object.keys(process.capabilities))
        process.capabilities[set] = ['CAP_BPF', 'CAP_PERFMON']
      spec.root = { path: this.#rootfs, readonly: true }
      linux.namespaces = linux.namespaces.filter(({ type }) => type !== 'network')
      if (this.#seccomp === undefined) return
      const { archMap = [], ...seccomp } = this.#seccomp
      linux.seccomp = { ...seccomp, architectures: archMap.map(({ architecture }) => architecture) }
    })
    return this.#started(['run', '--bundle', this.#folder, this.#id])
  }

  /** Another program in it, as kubectl exec runs one: found by PATH, without a shell. */
  exec(command: readonly string[]): Hivetap {
    return this.#started(['exec', this.#id, ...command])
  }

  async remove(): Promise<void> {
    spawnSync('runc', [...this.#state, 'delete', '--force', this.#id])
    for (const run of this.#runs) await run.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #state(): readonly string[] {
    return ['--root', join(this.#folder, 'state')]
  }

  #started(args: readonly string[]): Hivetap {
    const run = new Hivetap(args, { command: ['runc', ...this.#state] })
    this.#runs.push(run)
    return run
  }
}
