import { mkdirSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { cgroup2Mount } from '../cgroup.js'

const PATIENCE = 500
const PAUSE_MS = 20

/** A control group of a machine's own, of version 2: what a machine makes is below. */
export class MachineGroup {
  readonly path: string

  /** @throws where none of version 2 is mounted, or none can be made */
  constructor(name: string) {
    const mount = cgroup2Mount()
    if (mount === undefined) throw new Error('no control groups of version 2 are mounted here')
    this.path = join(mount, name)
    mkdirSync(this.path)
  }

  /** Removes it, once all that was in it is gone. */
  async remove(): Promise<void> {
    for (let left = PATIENCE; ; left--) {
      try {
        removeTree(this.path)
        return
      } catch (error) {
        if (left === 0) throw error
        await sleep(PAUSE_MS)
      }
    }
  }
}

function removeTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(join(folder, entry.name))
  rmdirSync(folder)
}
