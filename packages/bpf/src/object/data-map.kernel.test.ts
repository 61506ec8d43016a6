import { afterEach, expect, it } from 'vitest'
import { withCapabilities } from '../../../../test/support/capabilities.js'
import { hasCommand, jsonOf } from '../../../../test/support/commands.js'
import { describeKernel } from '../../../../test/support/kernel.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { mapId } from '../../../../test/support/kernel-info.js'
import { dumpMap } from '../../../../test/support/map-dump.js'
import { restrictKernel } from '../../../../test/support/older-kernel.js'
import { openFiles } from '../../../../test/support/open-files.js'
import { NotPermittedError, UnsupportedError } from '../errors.js'
import { forgetFeatures } from '../features/feature.js'
import type { DataSpec } from '../spec/object-spec.js'
import { bpf_attr_map_elem } from '../sys/abi.generated.js'
import { bpf, interposeBpf } from '../sys/bpf.js'
import type { FileDescriptor } from '../sys/file-descriptor.js'
import { allocate } from '../sys/memory.js'
import { packStruct } from '../sys/struct.js'
import { createDataMap } from './data-map.js'

const CONSTANTS: DataSpec = {
  name: '.rodata',
  readOnly: true,
  bytes: Uint8Array.from({ length: 20 }, (_, index) => index + 1),
  variables: new Map(),
}
const VARIABLES: DataSpec = { ...CONSTANTS, name: '.data', readOnly: false }

const opened: { close(): void }[] = []

afterEach(() => {
  for (const each of opened.splice(0).reverse()) each.close()
  forgetFeatures()
})

function create(data: DataSpec): FileDescriptor {
  const fd = createDataMap(data)
  opened.push(fd)
  return fd
}

/** Writes zeros over it; 0, or a negative error number. */
const overwrite = (fd: FileDescriptor): number =>
  bpf(
    'BPF_MAP_UPDATE_ELEM',
    packStruct(bpf_attr_map_elem, { map_fd: fd.number, key: allocate(4), value: allocate(20) }),
  )

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

describeKernelIf(hasCommand('bpftool'))('a section of data', () => {
  it.each([
    ['constants', CONSTANTS, '_rodata', 0x80],
    ['variables', VARIABLES, '_data', 0],
  ])(
    'of %s is an array of one value, which is the section, as bpftool sees it',
    (_what, data, name, flags) => {
      const id = mapId(create(data).number)
      expect(jsonOf('bpftool', '-j', 'map', 'show', 'id', String(id))).toMatchObject({
        type: 'array',
        name,
        bytes_key: 4,
        bytes_value: 20,
        max_entries: 1,
        flags,
      })
      expect(dumpMap(id)).toEqual(new Map([['00000000', [Buffer.from(data.bytes).toString('hex')]]]))
    },
  )
})

describeKernel('a section of data', () => {
  it('can be written to only if it is not of constants', () => {
    const EPERM = 1
    expect(overwrite(create(VARIABLES))).toBe(0)
    expect(overwrite(create(CONSTANTS))).toBe(-EPERM)
  })

  it('is not to be had on a kernel that has none, which it says', () => {
    forgetFeatures()
    opened.push({ close: restrictKernel(interposeBpf, ['no read-only maps']).restore })
    const error = thrownBy(() => create(CONSTANTS))
    expect(error).toBeInstanceOf(UnsupportedError)
    expect(error).toMatchObject({ needs: 'newer_kernel' })
  })

  it('without the right is an error of rights, not of the kernel', () => {
    // What could not be told for lack of a right was told as a kernel that is too old.
    forgetFeatures()
    const error = withCapabilities([], () => thrownBy(() => create(CONSTANTS)))
    expect(error).toBeInstanceOf(NotPermittedError)
    expect(error).toMatchObject({ needs: 'capabilities' })
  })

  it.each([
    ['BPF_MAP_UPDATE_ELEM', 'Cannot fill section .rodata: EIO'],
    ['BPF_MAP_FREEZE', 'Cannot freeze section .rodata: EIO'],
  ])('that fails at %s leaves nothing open', (refused, message) => {
    const before = openFiles()
    opened.push({
      close: interposeBpf((real, command, attributes) =>
        command === refused ? -5 : real(command, attributes),
      ),
    })
    expect(() => create(CONSTANTS)).toThrow(message)
    expect(openFiles()).toEqual(before)
  })
})
