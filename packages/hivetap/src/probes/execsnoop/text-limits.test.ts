import { describe, expect, it } from 'vitest'
import { execsnoop } from './execsnoop.js'
import { textLimits } from './text-limits.js'

describe('the limits of texts', () => {
  it('are those of the C source where nothing is said', () => {
    expect(textLimits({ entries: 1, bufferBytes: 4096 })).toMatchObject({
      argumentBytes: 8192,
      pathBytes: 4096,
      textBytes: 20_480,
      failedArguments: 32,
    })
  })

  it.each(execsnoop.sizes)('leave room for every text at $textBytes bytes', (sizes) => {
    const { argumentBytes, pathBytes, lastFilename, textBytes } = textLimits(sizes)
    for (const bytes of [argumentBytes, pathBytes, lastFilename]) expect(bytes).toBe(Math.floor(bytes))
    expect(lastFilename).toBe(argumentBytes + pathBytes)
    expect(lastFilename + 2 * pathBytes).toBe(textBytes)
    // NAME_BYTES of working-directory.h
    expect(textBytes).toBeGreaterThan(256)
  })
})
