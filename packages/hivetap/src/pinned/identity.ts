import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import { layoutText, type ObjectSpec } from '@hivetap/bpf'
import type { ToolParts } from '../probes/keeper.js'
import type { Placement } from '../probes/tool.js'

/**
 * All that decides what a tool's programs do and tell, as a digest: the object file, what it is loaded with, the options
 * that it was asked for, and its place on the ladder. Which hivetap it was does not count: of the same, another goes on with
 * what is attached.
 */
export function identityOf(
  name: string,
  options: unknown,
  parts: ToolParts,
  placement: Pick<Placement, 'rung' | 'buffer' | 'sizes'>,
): string {
  const { rung, buffer, sizes } = placement
  const { object, given, filters, programs } = parts
  return sha256(
    canonical({
      name,
      object: sha256(object.bytes()),
      given,
      programs,
      options,
      // A cgroup is told apart by its directory, which may be another of the same name by now.
      cgroup: filters.cgroup === undefined ? undefined : cgroupOf(filters.cgroup),
      rung,
      buffer,
      sizes,
    }),
  )
}

/** How a tool's events, its account and its names lie in memory, as a digest: whether another object's can be read. */
export function layoutOf(spec: ObjectSpec): string {
  return sha256(
    ['events', 'ledgers', 'cgroup_names', 'program_paths']
      .map((name) => {
        const value = spec.maps.get(name)?.value
        return spec.btf === undefined || value === undefined ? 'unknown' : layoutText(spec.btf, value)
      })
      .join('\n'),
  )
}

function cgroupOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  return found === undefined ? 'none' : `${found.dev}:${found.ino}`
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}

/** JSON in which the order of keys says nothing. What has no value is left out, as JSON does. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return String(part)
    if (typeof part !== 'object' || part === null || Array.isArray(part)) return part
    return Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
  })
}
