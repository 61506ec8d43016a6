import { readFileSync } from 'node:fs'
import { SystemCallError } from '../errors.js'

const FOLDER = '/sys/devices/system/cpu'

/** `0-3,8` → 0, 1, 2, 3, 8: the kernel's list format (cpumap_print_to_pagebuf). */
export function parseCpuList(text: string): number[] {
  return text
    .trim()
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, index) => first + index)
    })
}

function readList(name: string): number[] {
  try {
    return parseCpuList(readFileSync(`${FOLDER}/${name}`, 'utf8'))
  } catch (cause) {
    throw new SystemCallError(
      `Cannot read the list of CPUs: ${FOLDER}/${name}`,
      { number: 2, name: 'ENOENT' },
      {
        cause,
        hint: 'Mount sysfs on /sys.',
      },
    )
  }
}

/** CPUs that run now. */
export function onlineCpus(): number[] {
  return readList('online')
}

/** How many values a per-CPU map has for a key: one for each CPU that could ever run (num_possible_cpus()). */
export function possibleCpuCount(): number {
  return readList('possible').length
}

/**
 * One more than the highest number that a CPU can have: the entries of a map that has a place for each number. On a
 * machine whose CPUs are numbered with gaps they are more than its CPUs.
 */
export function cpuNumberLimit(): number {
  return Math.max(...readList('possible')) + 1
}
