import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeKernel } from '../../../../test/support/kernel.js'
import { openKernelBtf } from '../features/kernel-btf.js'
import { openTracefs, type Tracefs } from '../sys/tracefs.js'
import type { Btf } from './btf.js'
import type { BtfTypeId } from './btf-type.js'
import { parseTracepointFormat, type TracepointFormat, tracepointFormatBtf } from './tracefs-format.js'

/** Every format file of this kernel. */
function formats(path: string): TracepointFormat[] {
  return readdirSync(join(path, 'events'), { withFileTypes: true })
    .filter((group) => group.isDirectory())
    .flatMap((group) => {
      const folder = join(path, 'events', group.name)
      return readdirSync(folder, { withFileTypes: true })
        .filter((event) => event.isDirectory())
        .map((event) => parseTracepointFormat(readFileSync(join(folder, event.name, 'format'), 'utf8')))
    })
}

/** A type by what a program can see of it. A pointer behind a typedef is a number in a format file, so is an enum. */
function shape(btf: Btf, id: BtfTypeId): string {
  const { type } = btf.resolve(id)
  if (type.kind !== 'array') return `${btf.sizeOf(id)}`
  return `${btf.sizeOf(id)} of ${btf.sizeOf(type.element)}`
}

describeKernel('the format files of this kernel', () => {
  let tracefs: Tracefs | undefined
  beforeAll(() => {
    const opened = openTracefs()
    if (opened.path !== undefined) tracefs = opened
  })
  afterAll(() => tracefs?.close())

  it('are all understood, and place each field where the kernel’s own types have it', () => {
    const kernel = openKernelBtf()
    const all = formats(tracefs?.path ?? '')
    expect(all.length).toBeGreaterThan(100)
    const names = all.map(({ name }) => `trace_event_raw_${name}`)
    kernel?.locate(names)
    const made = tracepointFormatBtf(all)
    made.locate(names)
    let compared = 0
    for (const { name, fields } of all) {
      // Events of one class share a struct of the class's name: only those of a class of their own can be looked up.
      const theirs = kernel?.find('struct', `trace_event_raw_${name}`)
      const ours = made.find('struct', `trace_event_raw_${name}`)
      if (kernel === undefined || theirs === undefined || ours === undefined) continue
      const own = fields.map((field) => field.name).filter((field) => !field.startsWith('common_'))
      const describe = (btf: Btf, members: typeof ours.type.members) =>
        own.map((field) => {
          const member = members.find((candidate) => candidate.name === field)
          return `${name}.${field} at ${member?.bitOffset}: ${member && shape(btf, member.type)}`
        })
      expect(describe(made, ours.type.members)).toEqual(describe(kernel, theirs.type.members))
      compared += own.length
    }
    expect(compared).toBeGreaterThan(kernel === undefined ? -1 : 100)
  })
})
