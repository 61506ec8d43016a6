import type { CgroupKey } from '../../probes/cgroup-key.js'

/** Who knows the names of cgroups by their keys: what the kernel's programs noted of them. */
export interface CgroupNameSource {
  /**
   * The name of a cgroup and those of the ones that it is in, innermost first, up to the root. A list that does not reach it
   * ends with `..`: in it a container or a pod may be told, and no unit. `undefined` if it knows none.
   */
  names(key: CgroupKey): readonly string[] | undefined
}
