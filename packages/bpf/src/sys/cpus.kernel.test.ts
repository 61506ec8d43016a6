import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { expect, it } from 'vitest'
import { runBuilt } from '../../../../test/support/built.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { cpuNumberLimit, onlineCpus, possibleCpuCount } from './cpus.js'

describeKernel('CPUs', () => {
  it('online are those that /proc/stat counts for', () => {
    const counted = [...readFileSync('/proc/stat', 'utf8').matchAll(/^cpu(\d+) /gm)].map(([, cpu]) =>
      Number(cpu),
    )
    expect(onlineCpus()).toEqual(counted)
    expect(onlineCpus().length).toBeGreaterThanOrEqual(availableParallelism())
  })

  it('possible are at least those that there are', () => {
    const present = readdirSync('/sys/devices/system/cpu').filter((name) => /^cpu\d+$/.test(name))
    expect(possibleCpuCount()).toBeGreaterThanOrEqual(present.length)
    expect(cpuNumberLimit()).toBeGreaterThanOrEqual(possibleCpuCount())
  })

  it('that are numbered with gaps have a value each, and a place for each number', () => {
    // A per-CPU map has num_possible_cpus() values, however they are numbered: one for each number up to the highest was
    // expected, so that values of different keys were taken for one another.
    const prefix = [
      'unshare',
      '-m',
      'sh',
      '-c',
      'file=$(mktemp) && echo 0-1,8 >$file && mount --bind $file /sys/devices/system/cpu/possible && rm $file; exec "$0" "$@"',
    ]
    const answers = runBuilt<number[]>(
      `const { possibleCpuCount, cpuNumberLimit } = await import(dist + 'sys/cpus.js')
       answer([possibleCpuCount(), cpuNumberLimit()])`,
      { prefix },
    )
    expect(answers).toEqual([[3, 9]])
  })

  it('cannot be told without sysfs, and it says so', () => {
    const prefix = ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs none /sys; exec "$0" "$@"']
    const answers = runBuilt<unknown>(
      `const { onlineCpus } = await import(dist + 'sys/cpus.js')
       try { onlineCpus() } catch (error) { answer([error.message, error.hint, error.errnoName]) }`,
      { prefix },
    )
    expect(answers).toEqual([
      ['Cannot read the list of CPUs: /sys/devices/system/cpu/online', 'Mount sysfs on /sys.', 'ENOENT'],
    ])
  })
})
