import { encodeInstructions, SLOT } from '../asm/codec.js'
import { type BpfError, UnsupportedError } from '../errors.js'
import type { Feature } from '../features/feature.js'
import { raiseCountedMemlock } from '../features/memlock.js'
import { permissionError } from '../features/permission.js'
import { probeProgram, returnZero } from '../features/program-probe.js'
import { ERRNO, errnoName, failed } from '../sys/errno.js'
import { loadProgramWithLog, type ProgramImage, tryLoadProgram } from '../sys/program.js'
import { VerifierError } from './verifier-error.js'

/**
 * Loads a program: BPF_PROG_LOAD. Without its records of functions and lines, where the kernel will not have them: they
 * serve whoever looks at it.
 *
 * @returns its file descriptor
 * @throws {VerifierError} if the verifier refuses it
 * @throws {NotPermittedError} if the process may not; {MemlockError} if it may not lock enough memory
 * @throws {UnsupportedError} if the kernel has no programs of its type, or none of its length
 * @throws {SystemCallError} if the kernel refuses it before the verifier has seen it
 */
export function loadProgram(image: ProgramImage): number {
  let result = tryLoadProgram(image)
  if (result === -ERRNO.EPERM && raiseCountedMemlock()) result = tryLoadProgram(image)
  if (result >= 0) return result
  // A second time, to be told why: the log costs the kernel time, so it is not asked for at first.
  const { errno, log } = loadProgramWithLog(image)
  if (errno >= 0) return errno
  if (image.debug !== undefined && (log === '' || REFUSED_DEBUG.test(log))) {
    const without = tryLoadProgram({ ...image, debug: undefined })
    if (without >= 0) return without
  }
  // A log that was cut says so in place of the reason.
  throw explain(image, errno === -ERRNO.ENOSPC ? result : errno, log)
}

/** What is said of records that it will not have; an older kernel says nothing. */
const REFUSED_DEBUG = /func_info|line_info/

function explain(image: ProgramImage, errno: number, log: string): BpfError {
  const number = -errno
  const what = `Cannot load program ${image.name}`
  if (log.trim() !== '') return new VerifierError(image.name, log, { number, name: errnoName(number) })
  if (number === ERRNO.EPERM) return permissionError(what, () => probeLeast(image).state !== 'unknown')
  return unsupported(image, what, number) ?? failed(what, errno)
}

/** Programs that this package loads, with the Linux that first had each type. */
const FIRST_LINUX: Partial<Record<ProgramImage['type'], string>> = {
  BPF_PROG_TYPE_TRACEPOINT: 'Linux 4.7',
  BPF_PROG_TYPE_RAW_TRACEPOINT: 'Linux 4.17',
  BPF_PROG_TYPE_TRACING: 'Linux 5.5',
}
/** What Linux before 5.2 takes at most; since, the verifier says how many it looks at. */
const OLDER_INSTRUCTION_LIMIT = 4096

/** What an older kernel refuses without a word of the verifier's. */
function unsupported(image: ProgramImage, what: string, number: number): UnsupportedError | undefined {
  const count = image.code.byteLength / SLOT
  if (number === ERRNO.E2BIG && count > OLDER_INSTRUCTION_LIMIT) {
    return new UnsupportedError(`${what}: its ${count} instructions are more than this kernel takes`, {
      needs: 'newer_kernel',
      hint: `Linux before 5.2 takes ${OLDER_INSTRUCTION_LIMIT}.`,
    })
  }
  if (number !== ERRNO.EINVAL || probeLeast(image).state !== 'no') return undefined
  return new UnsupportedError(`${what}: this kernel has no programs of type ${image.type}`, {
    needs: 'newer_kernel',
    hint: `It takes ${FIRST_LINUX[image.type] ?? 'a newer Linux'}.`,
  })
}

/** Whether the smallest program of the kind can be loaded: a right for it is not one that a map takes. */
function probeLeast(image: ProgramImage): Feature {
  return probeProgram({ ...image, debug: undefined, code: encodeInstructions(returnZero()) }, '')
}
