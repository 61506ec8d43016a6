import { describe } from 'vitest'
import { describeKernel } from './kernel.js'

/** Tests against the running kernel that besides want something of it, or of the host: left out where that is not there. */
export function describeKernelIf(there: boolean): typeof describeKernel {
  return there ? describeKernel : describe.skip
}
