import { mkdtempSync, readdirSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Machine } from '../../test/support/systemd/machine.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hivetap-of-the-host-'))
})
afterEach(() => rmdirSync(folder))

it('boots no systemd that could write to a folder of this host', async () => {
  await expect(Machine.boot([`--bind=${folder}:/srv/shared`])).rejects.toThrow(
    /^a container could write to this host, and is not booted:\nw \S+ \S+ \/srv\/shared$/,
  )
  expect(readdirSync(folder)).toEqual([])
})

it('boots one that sees the folder read-only, and leaves nothing behind', async () => {
  const machine = await Machine.boot([`--bind-ro=${folder}:/srv/shared`])
  try {
    expect((await machine.run('touch', '/srv/shared/probe')).stderr).toContain('Read-only file system')
    expect((await machine.run('systemctl', 'is-system-running')).stdout).toBe('running\n')
  } finally {
    await machine.close()
  }
  expect(() => process.kill(machine.pid, 0)).toThrow('ESRCH')
  expect(() => readdirSync(machine.path('/'))).toThrow('ENOENT')
})
