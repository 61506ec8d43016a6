import { expect, it } from 'vitest'
import { BuiltProcess, runBuilt } from '../../../../test/support/built.js'
import { withCapabilities } from '../../../../test/support/capabilities.js'
import { hasCommand } from '../../../../test/support/commands.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { mountsOf, newMounts } from '../../../../test/support/mounts.js'
import { openTracefs } from './tracefs.js'

/** A mount namespace in which tracefs is not mounted, whatever there is outside; then what else a script does. */
const inNamespace = (script: string): string[] => [
  'unshare',
  '-m',
  'sh',
  '-c',
  `for place in $(awk '$3 == "tracefs" || $3 == "debugfs" { print $2 }' /proc/self/mounts); do umount -l $place; done 2>/dev/null; ${script} exec "$0" "$@"`,
]

const HINT = 'Mount it (`mount -t tracefs tracefs /sys/kernel/tracing`), or run with CAP_SYS_ADMIN.'
const OPEN = `
  const { openTracefs } = await import(dist + 'sys/tracefs.js')
  const { existsSync, readdirSync } = await import('node:fs')
  const tracefs = openTracefs()`

interface Found {
  readonly path?: string
  readonly hint?: string
  readonly needs?: string
  readonly origin?: string
  readonly reason?: string
  readonly sched?: boolean
}

function found(script: string, rights: readonly string[] = []): Found | undefined {
  return runBuilt<Found>(
    `${OPEN}
     answer({ ...tracefs, sched: tracefs.path === undefined ? undefined : existsSync(tracefs.path + '/events/sched') })
     tracefs.close?.()`,
    { prefix: [...inNamespace(script), ...rights] },
  )[0]
}

describeKernelIf(hasCommand('unshare'))('openTracefs', () => {
  it('finds tracefs where it is mounted', () => {
    expect(found('mount -t tracefs none /sys/kernel/tracing;')).toEqual({
      path: '/sys/kernel/tracing',
      origin: 'mounted',
      sched: true,
    })
  })

  it('finds it at any place, also one with a space in its name', () => {
    const script =
      'mount -t tmpfs none /mnt; mkdir "/mnt/trace files"; mount -t tracefs none "/mnt/trace files";'
    expect(found(script)).toEqual({ path: '/mnt/trace files', origin: 'mounted', sched: true })
  })

  it.each([
    ['that is hidden by another mount', 'mount -t tracefs none /mnt; mount -t tmpfs none /mnt;'],
    [
      'of which only a part is mounted',
      'mount -t tmpfs none /mnt; mkdir /mnt/all /mnt/events; mount -t tracefs none /mnt/all; mount --bind /mnt/all/events /mnt/events; umount /mnt/all;',
    ],
  ])('does not take one %s', (_what, script) => {
    expect(found(script)).toMatchObject({ origin: 'private', sched: true })
  })

  it('mounts it where it is not mounted, for nobody else to see, and gives it back', async () => {
    const before = mountsOf('tracefs')
    const child = new BuiltProcess(
      `${OPEN}
       const input = lines()
       answer({ ...tracefs, groups: readdirSync(tracefs.path + '/events').length })
       await input.next()
       tracefs.close()
       answer({ there: existsSync(tracefs.path) })`,
      { prefix: inNamespace('') },
    )
    try {
      const opened = await child.answer<Found & { groups: number }>()
      expect(opened).toMatchObject({ origin: 'private' })
      expect(opened.path).toMatch(/^\/proc\/self\/fd\/\d+$/)
      expect(opened.groups).toBeGreaterThan(3)
      expect(mountsOf('tracefs').get(child.pid)).toEqual([])
      expect(newMounts('tracefs', before)).toEqual([])
      child.tell()
      expect(await child.answer(1)).toEqual({ there: false })
      expect(await child.end()).toBe(0)
      expect(newMounts('tracefs', before)).toEqual([])
    } finally {
      await child.kill()
    }
  })

  it.skipIf(!hasCommand('setpriv'))('says why there is none, without the right to mount it', () => {
    expect(found('', ['setpriv', '--bounding-set', '-sys_admin'])).toEqual({
      reason: 'tracefs is not mounted, and mounting it privately failed: EPERM',
      hint: HINT,
      needs: 'tracefs',
    })
  })

  it.skipIf(!hasCommand('setpriv'))('says where it is, to whom it may not be read there', () => {
    // It was told as not mounted.
    const another = [
      ...['setpriv', '--reuid', '10001', '--regid', '10001', '--clear-groups'],
      ...['--bounding-set', '-all', '--inh-caps', '-all'],
    ]
    expect(found('mount -t tracefs none /sys/kernel/tracing;', another)).toEqual({
      reason:
        'tracefs cannot be read where it is mounted, /sys/kernel/tracing (EACCES), and mounting it privately failed: EPERM',
      hint: HINT,
      needs: 'tracefs',
    })
  })

  it('is not mounted under lockdown=confidentiality: Linux 6.12 crashed when that mount went', () => {
    // This kernel is not locked down: a file in securityfs' place says that it is.
    const script =
      'mount -t tmpfs none /sys/kernel/security; echo "none integrity [confidentiality]" >/sys/kernel/security/lockdown;'
    expect(found(script)).toEqual({
      reason: 'lockdown=confidentiality keeps it empty',
      hint: 'Boot without lockdown=confidentiality, or use typed tracepoints (tp_btf), which it allows.',
      needs: 'lockdown',
    })
  })

  it('leaves a mounted one as it is when it is closed', () => {
    const before = mountsOf('tracefs')
    const tracefs = openTracefs()
    if (tracefs.path === undefined) throw new Error(tracefs.reason)
    tracefs.close()
    expect(newMounts('tracefs', before)).toEqual([])
  })

  it('finds a mounted one without any right, and no other', () => {
    const tracefs = withCapabilities([], openTracefs)
    if (tracefs.path === undefined)
      expect(tracefs.reason).toMatch(/ and mounting it privately failed: EPERM$/)
    else expect(tracefs.origin).toBe('mounted')
  })
})
