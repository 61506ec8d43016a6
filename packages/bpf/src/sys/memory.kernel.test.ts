import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeKernel } from '../../../../test/support/kernel.js'
import { mapKindNumber } from '../spec/map-kind.js'
import { bpf_attr_map_create, bpf_attr_map_elem } from './abi.generated.js'
import { bpf, interposeBpf } from './bpf.js'
import { FileDescriptor } from './file-descriptor.js'
import { allocate, type Mapping, mapMemory, memoryOf } from './memory.js'
import { packStruct } from './struct.js'

const PAGE = 4096

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hivetap-memory-'))
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** Where in this process a file is mapped: the addresses, as /proc has them. */
function placesOf(path: string): string[] {
  return readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .filter((line) => line.endsWith(path))
    .map((line) => line.split(' ')[0] ?? '')
}

describeKernel('mapMemory', () => {
  it('shares memory with whatever is mapped', () => {
    const path = join(folder, 'shared')
    writeFileSync(path, Buffer.alloc(2 * PAGE))
    const fd = openSync(path, 'r+')
    const mapping = mapMemory(fd, PAGE, { writable: true, what: 'a file' })
    const second = mapMemory(fd, PAGE, { offset: PAGE, what: 'its second page' })
    closeSync(fd)
    new Uint8Array(mapping.buffer).set(Buffer.from('written by memory'), 100)
    expect(readFileSync(path).toString('utf8', 100, 117)).toBe('written by memory')
    const contents = readFileSync(path)
    contents.write('written by file', PAGE + 8)
    writeFileSync(path, contents)
    expect(Buffer.from(second.buffer).toString('utf8', 8, 23)).toBe('written by file')
    mapping.close()
    second.close()
    expect(placesOf(path)).toEqual([])
  })

  it('is taken back once: the place may be another’s by then', () => {
    const [first, second] = ['first', 'second'].map((name) => {
      const path = join(folder, name)
      writeFileSync(path, Buffer.alloc(PAGE))
      return path
    }) as [string, string]
    const firstFd = openSync(first, 'r')
    const mapping = mapMemory(firstFd, PAGE, { what: 'a file' })
    const [place] = placesOf(first)
    mapping.close()
    const secondFd = openSync(second, 'r')
    const others: Mapping[] = []
    // Sooner or later the kernel gives the place that has just become free: mostly at once.
    while (!placesOf(second).includes(place ?? '') && others.length < 64)
      others.push(mapMemory(secondFd, PAGE, { what: 'another' }))
    closeSync(firstFd)
    closeSync(secondFd)
    mapping.close()
    expect(placesOf(second)).toContain(place)
    for (const other of others) other.close()
    expect(placesOf(second)).toEqual([])
  })

  it('says what could not be mapped', () => {
    expect(() => mapMemory(-1, PAGE, { what: 'the ring buffer' })).toThrow(
      'Cannot map the ring buffer, 4096 bytes: EBADF',
    )
  })
})

describeKernel('memory given to the kernel', () => {
  it('outlives a collection of garbage between packing and the call', () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    using map = new FileDescriptor(
      bpf(
        'BPF_MAP_CREATE',
        packStruct(bpf_attr_map_create, {
          map_type: mapKindNumber('hash'),
          key_size: 64,
          value_size: 64,
          max_entries: 64,
        }),
      ),
      'map',
    )
    const restore = interposeBpf((real, command, attributes) => {
      collect()
      // What was collected is used anew, if anything was.
      for (let count = 0; count < 256; count++) allocate(64).bytes.fill(0xee)
      return real(command, attributes)
    })
    try {
      const textOf = (index: number) => Buffer.alloc(64, `key or value ${index} `)
      // Nothing but what is packed knows of key and value once this has returned.
      const packed = (index: number) =>
        packStruct(bpf_attr_map_elem, {
          map_fd: map.number,
          key: memoryOf(textOf(index)),
          value: memoryOf(textOf(-index)),
        })
      const put = (index: number) => bpf('BPF_MAP_UPDATE_ELEM', packed(index))
      const get = (index: number) => {
        const value = allocate(64)
        const key = memoryOf(textOf(index))
        bpf('BPF_MAP_LOOKUP_ELEM', packStruct(bpf_attr_map_elem, { map_fd: map.number, key, value }))
        return Buffer.from(value.bytes).toString()
      }
      for (let index = 1; index <= 20; index++) expect(put(index)).toBe(0)
      for (let index = 1; index <= 20; index++) expect(get(index)).toBe(textOf(-index).toString())
    } finally {
      restore()
    }
  })
})
