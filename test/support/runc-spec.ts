import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What runc writes as a beginning; only what tests change of it. */
export interface RuncSpec {
  process: {
    terminal: boolean
    args: readonly string[]
    env: readonly string[]
    cwd: string
    user: { readonly uid: number; readonly gid: number }
    noNewPrivileges: boolean
    rlimits?: unknown
    oomScoreAdj?: number
    capabilities: Record<string, readonly string[]>
  }
  root: { path: string; readonly: boolean }
  linux: { cgroupsPath?: string; namespaces: readonly { readonly type: string }[]; seccomp?: object }
}

/** Writes into a folder what runc runs there: its own beginning, without a terminal, and with what `change` makes of it. */
export function writeRuncSpec(folder: string, change: (spec: RuncSpec) => void): void {
  execFileSync('runc', ['spec', '--bundle', folder])
  const path = join(folder, 'config.json')
  const spec = JSON.parse(readFileSync(path, 'utf8')) as RuncSpec
  spec.process.terminal = false
  // To lower it takes a right that not every root has.
  delete spec.process.oomScoreAdj
  change(spec)
  writeFileSync(path, JSON.stringify(spec))
}
