import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { untilHas } from '../../test/support/agent-run.js'
import { hasCapability } from '../../test/support/capabilities.js'
import { type RunningService, serviceInMachine } from '../../test/support/systemd/running-service.js'

const NOBODY = { address: '127.0.0.1', port: 1 }
/** Bits of CAP_PERFMON and CAP_BPF: linux/capability.h. */
const RIGHTS = ((1n << 38n) | (1n << 39n)).toString(16).padStart(16, '0')

/** The hard limit of memory that is locked, of a process's limits. */
function lockedOf(limits: string): string | undefined {
  return /^Max locked memory +\S+ +(\S+)/m.exec(limits)?.[1]
}

describe('the sandbox of the unit', () => {
  let running: RunningService
  let pid: string
  /** Runs a command among the agent's own mounts: with more rights than the agent has. */
  const amongItsMounts = (...command: readonly string[]) =>
    running.machine.run('nsenter', '-t', pid, '-m', ...command)
  const read = async (path: string) => (await running.machine.run('cat', path)).stdout

  beforeAll(async () => {
    running = await serviceInMachine()
    running.configure({ tools: '[tcpconnect, tcpconnlat, execsnoop, exitsnoop]' })
    await running.service.start()
    pid = await running.service.property('MainPID')
  })
  afterAll(() => running?.close())

  it('lets every tool be attached, and tell', async () => {
    const { service, client } = running
    expect(await service.property('StatusText')).toMatch(/^4 of 4 tools attached; /)
    await client.storm(NOBODY, 10)
    await untilHas(service.events, 'tcpconnect', 10)
    expect(await service.errors()).toEqual([])
  })

  it('is on: rights, calls, limits, as the kernel has them', async () => {
    const status = new Map(
      (await read(`/proc/${pid}/status`)).split('\n').map((line) => line.split(':\t') as [string, string]),
    )
    const told = ['CapEff', 'CapPrm', 'CapBnd', 'CapAmb', 'NoNewPrivs', 'Seccomp'].map((name) => [
      name,
      status.get(name),
    ])
    expect(Object.fromEntries(told)).toEqual({
      CapEff: RIGHTS,
      CapPrm: RIGHTS,
      CapBnd: RIGHTS,
      CapAmb: '0'.repeat(16),
      NoNewPrivs: '1',
      // SECCOMP_MODE_FILTER
      Seccomp: '2',
    })
    const limits = await read(`/proc/${pid}/limits`)
    // A host that may not raise limits itself gives what it has.
    const locked = hasCapability('CAP_SYS_RESOURCE') ? 'unlimited' : lockedOf(await read('/proc/1/limits'))
    expect(await running.service.property('LimitMEMLOCK')).toBe('infinity')
    expect(lockedOf(limits)).toBe(locked)
    expect(limits).toMatch(/^Max open files +4096 +4096 /m)
  })

  it.each([
    '/',
    '/etc',
    '/etc/hivetap',
    '/var',
    '/var/lib',
    '/run',
    '/root',
    '/home',
    '/opt',
    '/sys/fs/cgroup',
  ])('lets nothing be written to %s', async (folder) => {
    // Where there is no such folder, there is nothing to write to.
    const { status, stderr } = await amongItsMounts('touch', `${folder}/probe`)
    expect(status).toBe(1)
    expect(stderr).toMatch(/Read-only file system|Permission denied|No such file or directory/)
  })

  it('has its state, its sockets, and a /tmp of its own to write to', async () => {
    const { machine } = running
    for (const folder of ['/var/lib/hivetap', '/run/hivetap', '/tmp', '/var/tmp']) {
      const place = `${folder}/probe`
      expect(await amongItsMounts('touch', place)).toMatchObject({ status: 0, stderr: '' })
      const isSeen = (await machine.run('test', '-e', place)).status === 0
      expect({ folder, isSeen }).toEqual({ folder, isSeen: !folder.endsWith('tmp') })
      await amongItsMounts('rm', place)
    }
    const { stdout } = await machine.run('stat', '-c', '%a %U %n', '/var/lib/hivetap', '/run/hivetap')
    expect(stdout).toBe('700 root /var/lib/hivetap\n755 root /run/hivetap\n')
  })

  it('has the spool below its state, and answers who asks how it is', async () => {
    const { machine } = running
    expect(readdirSync(machine.path('/var/lib/hivetap/spool'))).not.toEqual([])
    const { status, stdout } = await machine.run('hivetap', 'health', '/run/hivetap/health.sock')
    expect({ status, stdout }).toMatchObject({ status: 0 })
  })

  it('leaves its state, and nothing else, when it is stopped', async () => {
    const { machine, service } = running
    await service.stop()
    expect(await service.show('Result', 'ExecMainStatus')).toEqual({ Result: 'success', ExecMainStatus: '0' })
    expect((await machine.run('test', '-e', '/run/hivetap')).status).toBe(1)
    expect(statSync(machine.path('/var/lib/hivetap')).mode & 0o777).toBe(0o700)
    expect(existsSync(machine.path('/tmp/probe'))).toBe(false)
    // Of a service that used more than a second of a processor, systemd says how much behind it.
    const said = (await service.journal()).filter(({ text }) => !text.includes('Consumed'))
    expect(said.at(-1)?.text).toMatch(/^Stopped hivetap\.service/)
  })

  it('has a folder more where one is given, as docs/agent.md says', async () => {
    const { machine, service } = running
    mkdirSync(machine.path('/srv/hivetap'), { recursive: true })
    await service.override('ReadWritePaths=/srv/hivetap')
    await service.start()
    pid = await service.property('MainPID')
    expect(await amongItsMounts('touch', '/srv/hivetap/probe')).toMatchObject({ status: 0, stderr: '' })
    expect((await amongItsMounts('touch', '/srv/probe')).stderr).toContain('Read-only file system')
    await service.stop()
    expect(await service.show('Result', 'ExecMainStatus')).toEqual({ Result: 'success', ExecMainStatus: '0' })
  })
})
