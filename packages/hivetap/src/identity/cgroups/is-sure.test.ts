import { describe, expect, it } from 'vitest'
import { CGROUP_PATHS } from '../../../../../test/fixtures/cgroup-paths.js'
import { namesOfPath } from '../../probes/cgroups/cgroup-path.js'
import { ownerOfNames } from '../names/owner-of-names.js'
import { isSure } from './is-sure.js'

describe('isSure', () => {
  it('holds of every owner whose names are told up to the root', () => {
    for (const { owner } of CGROUP_PATHS) expect(isSure(owner, true)).toBe(true)
  })

  it('holds of part of the names only where more of them would say the same', () => {
    for (const { path, owner } of CGROUP_PATHS) {
      const names = namesOfPath(path)
      for (let told = 0; told < names.length; told++) {
        const part = ownerOfNames(names.slice(0, told))
        if (!isSure(part, false)) continue
        // The runtime of a container may be told by the name above it alone; whose it is, not.
        expect({ ...owner, ...part }, `${told} of ${path}`).toEqual(owner)
      }
    }
  })
})
