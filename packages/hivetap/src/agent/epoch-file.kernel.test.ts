import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { EpochFile } from './epoch-file.js'

const EPOCH = '00000000-0000-4000-8000-000000000001'
const NEXT = '00000000-0000-4000-8000-000000000002'

let disk: string
let mounted = false
beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), 'hivetap-epoch-'))
  mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status === 0
})
afterEach(() => {
  if (mounted) spawnSync('umount', [disk])
  rmSync(disk, { recursive: true })
})

it('says where an epoch stands on a disk that is full, in the room that it has', ({ skip }) => {
  if (!mounted) return skip('mounting a tmpfs is not permitted here')
  const file = new EpochFile(disk)
  file.write({ epoch: EPOCH, ended: false, cut: [{ epoch: NEXT, sequences: 12 }] })
  expect(spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'other')}`, 'bs=4096']).status).not.toBe(0)
  // Shorter than what was there: nothing of that stays behind it.
  file.write({ epoch: EPOCH, ended: true })
  expect(new EpochFile(disk).read()).toEqual({ epoch: EPOCH, ended: true })
  file.write({ epoch: NEXT, ended: false })
  expect(new EpochFile(disk).read()).toEqual({ epoch: NEXT, ended: false })
  expect(existsSync(join(disk, 'epoch.json.new'))).toBe(false)
  rmSync(join(disk, 'epoch.json'))
  spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'more')}`, 'bs=4096'])
  expect(() => file.write({ epoch: EPOCH, ended: true })).toThrow(/ENOSPC/)
})
