import { execFileSync, spawnSync } from 'node:child_process'

/** Whether a command can be run here: what a test wants as its independent source may not be installed. */
export function hasCommand(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0
}

/** What a command prints as JSON. */
export function jsonOf<T>(command: string, ...args: readonly string[]): T {
  return JSON.parse(execFileSync(command, args, { encoding: 'utf8', maxBuffer: 256 << 20 })) as T
}
