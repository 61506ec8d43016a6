import { closeSync, constants, mkdtempSync, openSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { cgroups } from '../../../../test/kernel-fixtures/cgroups.bpf.js'
import { BuiltProcess } from '../../../../test/support/built.js'
import { TestCgroup } from '../../../../test/support/cgroup.js'
import { describeKernelIf } from '../../../../test/support/kernel-if.js'
import { programId } from '../../../../test/support/kernel-info.js'
import { canRunPrograms } from '../../../../test/support/test-run.js'
import { SystemCallError } from '../errors.js'

/** What bpf_current_task_under_cgroup says of a group that is not there. */
const EAGAIN = 11

const opened: { close(): void }[] = []

afterEach(() => {
  for (const each of opened.splice(0).reverse()) each.close()
})

function load() {
  const object = cgroups.load()
  opened.push(object)
  return object
}

/** The number of an open directory, for a map; the map keeps the group itself. */
function withDirectory<T>(path: string, use: (fd: number) => T): T {
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    return use(fd)
  } finally {
    closeSync(fd)
  }
}

/** A process that runs the program each time it is told to, with the line as its argument, and answers what it said. */
function startAsker(program: number): BuiltProcess {
  return new BuiltProcess(`
    const { bpf } = await import(dist + 'sys/bpf.js')
    const { packStruct, readField } = await import(dist + 'sys/struct.js')
    const { allocate } = await import(dist + 'sys/memory.js')
    const { bpf_attr_get_id, bpf_attr_test } = await import(dist + 'sys/abi.generated.js')
    const prog_fd = bpf('BPF_PROG_GET_FD_BY_ID', packStruct(bpf_attr_get_id, { prog_id: ${program} }))
    const ctx_in = allocate(8)
    answer('begun')
    for await (const line of lines()) {
      ctx_in.view.setBigUint64(0, BigInt(line), true)
      const attributes = packStruct(bpf_attr_test, { prog_fd, ctx_size_in: 8, ctx_in })
      const result = bpf('BPF_PROG_TEST_RUN', attributes)
      answer(result < 0 ? 'errno ' + -result : readField(bpf_attr_test, attributes, 'retval') | 0)
    }`)
}

function canMakeCgroups(): boolean {
  const made = TestCgroup.create()
  made?.close()
  return made !== undefined
}

describeKernelIf(canRunPrograms() && canMakeCgroups())('a cgroup_array', () => {
  function makeGroup(): TestCgroup {
    const group = TestCgroup.create()
    if (group === undefined) throw new Error('no control group can be made any more')
    opened.push(group)
    return group
  }

  it('tells a program whether a process is in a group, or in one below it', async () => {
    const group = makeGroup()
    const below = group.within('below')
    opened.push(below)
    const other = group.within('other')
    opened.push(other)
    const { maps, programs } = load()
    const asker = startAsker(programId(programs.isWithin.fileDescriptor))
    try {
      let answers = 1
      await asker.answer()
      const ask = (which: number): Promise<number | string> => {
        asker.tell(String(which))
        return asker.answer(answers++)
      }
      expect(await ask(0)).toBe(-EAGAIN)
      withDirectory(group.path, (fd) => maps.groups.set(0, fd))
      withDirectory(below.path, (fd) => maps.groups.set(1, fd))
      expect([await ask(0), await ask(1)]).toEqual([0, 0])
      group.add(asker.pid)
      expect([await ask(0), await ask(1)]).toEqual([1, 0])
      below.add(asker.pid)
      expect([await ask(0), await ask(1)]).toEqual([1, 1])
      other.add(asker.pid)
      expect([await ask(0), await ask(1)]).toEqual([1, 0])
      // Another takes its place.
      withDirectory(other.path, (fd) => maps.groups.set(1, fd))
      expect(await ask(1)).toBe(1)
      expect(maps.groups.delete(1)).toBe(true)
      expect(maps.groups.delete(1)).toBe(false)
      expect(await ask(1)).toBe(-EAGAIN)
      expect(await asker.end()).toBe(0)
    } finally {
      await asker.kill()
    }
  })

  it('takes groups of version 2, and nothing else', () => {
    const { groups } = load().maps
    const folder = mkdtempSync(join(tmpdir(), 'hivetap-no-cgroup-'))
    try {
      withDirectory(folder, (fd) =>
        expect(() => groups.set(0, fd)).toThrow('Cannot write to map groups: EBADF'),
      )
    } finally {
      rmdirSync(folder)
    }
    expect(() => groups.set(0, 0x7fff_ffff)).toThrow('Cannot write to map groups: EBADF')
    const group = makeGroup()
    withDirectory(group.path, (fd) => {
      expect(() => groups.set(2, fd)).toThrow('Cannot write to map groups: E2BIG')
      expect(() => groups.set(0, fd, 'create')).toThrow('Cannot write to map groups: EINVAL')
    })
  })

  it('cannot be read', () => {
    const { groups } = load().maps
    withDirectory(makeGroup().path, (fd) => groups.set(0, fd))
    expect(() => groups.get(0)).toThrow(SystemCallError)
    expect(() => groups.get(0)).toThrow('Cannot read map groups: ENOTSUPP')
    expect(() => [...groups.entries()]).toThrow('Cannot read map groups: ENOTSUPP')
  })
})
