import type { SystemCallError } from '../errors.js'
import { permissionError } from '../features/permission.js'
import { ERRNO, errnoName, failed } from '../sys/errno.js'
import { raiseMemlock } from '../sys/memlock.js'
import { loadProgramWithLog, type ProgramImage, tryLoadProgram } from '../sys/program.js'
import { VerifierError } from './verifier-error.js'

/**
 * Loads a program: BPF_PROG_LOAD.
 *
 * @returns its file descriptor
 * @throws {VerifierError} if the verifier refuses it
 * @throws {NotPermittedError} if the process may not; {MemlockError} if it may not lock enough memory
 * @throws {SystemCallError} if the kernel refuses it before the verifier has seen it
 */
export function loadProgram(image: ProgramImage): number {
  let result = tryLoadProgram(image)
  if (result === -ERRNO.EPERM && raiseMemlock()) result = tryLoadProgram(image)
  if (result >= 0) return result
  // A second time, to be told why: the log costs the kernel time, so it is not asked for at first.
  const { errno, log } = loadProgramWithLog(image)
  if (errno >= 0) return errno
  throw explain(image, errno, log)
}

function explain(image: ProgramImage, errno: number, log: string): SystemCallError {
  const number = -errno
  if (log.trim() !== '') return new VerifierError(image.name, log, { number, name: errnoName(number) })
  if (number === ERRNO.EPERM) return permissionError(`Cannot load program ${image.name}`)
  return failed(`Cannot load program ${image.name}`, errno)
}
