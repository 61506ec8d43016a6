import { readFileSync } from 'node:fs'
import { Btf } from '../btf/btf.js'
import { NotFoundError } from '../errors.js'
import { errnoName } from '../sys/errno.js'
import { readKernelFile } from '../sys/kernel-file.js'

/** Where a kernel with CONFIG_DEBUG_INFO_BTF gives its own types (Linux 5.4). */
export const KERNEL_BTF_PATH = '/sys/kernel/btf/vmlinux'

let kernelBtf: Btf | undefined

/**
 * The running kernel's types, read once; `undefined` where the kernel has none.
 *
 * @throws {MalformedBtfError} if what the kernel gives is not BTF
 */
export function openKernelBtf(): Btf | undefined {
  if (kernelBtf !== undefined) return kernelBtf
  try {
    kernelBtf = new Btf(readKernelFile(KERNEL_BTF_PATH))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'EACCES' && code !== 'ENOTDIR') throw error
  }
  return kernelBtf
}

/** Lets go of the kernel's types: five megabytes that a running program no longer needs. */
export function releaseKernelBtf(): void {
  kernelBtf = undefined
}

/**
 * Types from a file, for kernels that have none of their own: the BTF of that very kernel.
 *
 * @throws {NotFoundError} if the file cannot be read
 * @throws {MalformedBtfError} if it is not BTF
 */
export function readBtfFile(path: string): Btf {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (cause) {
    const { errno } = cause as NodeJS.ErrnoException
    throw new NotFoundError(`Cannot read BTF from ${path}: ${errnoName(Math.abs(errno ?? 0))}`, { cause })
  }
  return new Btf(bytes)
}
