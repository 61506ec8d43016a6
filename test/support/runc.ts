import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { hasCommand } from './commands.js'
import { writeRuncSpec } from './runc-spec.js'

/** Whether containers can be run here: by runc, with nothing in them but a busybox that needs no library. */
export function canRunContainers(): boolean {
  if (!hasCommand('runc') || !hasCommand('busybox') || process.getuid?.() !== 0) return false
  const { stdout, stderr } = spawnSync('sh', ['-c', 'ldd "$(command -v busybox)" 2>&1'], { encoding: 'utf8' })
  return /not a dynamic executable|statically linked/.test(stdout + stderr)
}

function cgroupMounts(): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
    .map(([, path = '']) => path)
}

/** A container that sleeps. */
export class TestContainer {
  /** Its first process, as the host numbers it. */
  readonly pid: number
  readonly #directory: string
  readonly #name: string
  readonly #cgroup: string

  /** @param cgroup the path of its cgroup, from the root on, of nobody else's @param uid whom it runs as */
  constructor(cgroup: string, uid = 0) {
    this.#directory = mkdtempSync(join(tmpdir(), 'hivetap-test-'))
    this.#name = `hivetap-test-${process.pid}`
    this.#cgroup = cgroup
    // Other users are to find its program.
    chmodSync(this.#directory, 0o755)
    const bin = join(this.#directory, 'rootfs', 'bin')
    mkdirSync(bin, { recursive: true })
    const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim()
    copyFileSync(busybox, join(bin, 'busybox'))
    chmodSync(join(bin, 'busybox'), 0o755)
    writeRuncSpec(this.#directory, (spec) => {
      // They want rights that not every root has.
      delete spec.process.rlimits
      spec.process.args = ['/bin/busybox', 'sleep', '600']
      spec.process.user = { uid, gid: uid }
      spec.root = { path: 'rootfs', readonly: true }
      spec.linux.cgroupsPath = cgroup
    })
    const pidFile = join(this.#directory, 'pid')
    this.#runc('run', '--detach', '--bundle', this.#directory, '--pid-file', pidFile, this.#name)
    this.pid = Number(readFileSync(pidFile, 'utf8'))
  }

  /** Runs a command of busybox's in it to its end; what it printed. */
  run(...args: readonly string[]): string {
    return this.#runc('exec', this.#name, '/bin/busybox', ...args)
  }

  close(): void {
    try {
      this.#runc('delete', '--force', this.#name)
    } finally {
      rmSync(this.#directory, { recursive: true, force: true })
      for (const mount of cgroupMounts()) this.#removeGroups(mount)
    }
  }

  /** It is in all hierarchies, and runc leaves what it made above the container's own. */
  #removeGroups(mount: string): void {
    for (let path = this.#cgroup; path !== '/'; path = dirname(path)) {
      try {
        rmdirSync(mount + path)
      } catch {
        // It was not made here, or is gone.
      }
    }
  }

  #runc(...args: readonly string[]): string {
    const root = join(this.#directory, 'state')
    // What it starts keeps what it is given: a pipe would not end.
    const out = join(this.#directory, 'out')
    const result = spawnSync(
      'sh',
      ['-c', 'exec runc --root "$0" "$@" > "$HIVETAP_OUT" 2>&1', root, ...args],
      {
        stdio: 'ignore',
        env: { ...process.env, HIVETAP_OUT: out },
      },
    )
    const said = readFileSync(out, 'utf8')
    if (result.status !== 0) throw new Error(`runc ${args.join(' ')} ended with ${result.status}: ${said}`)
    return said
  }
}
