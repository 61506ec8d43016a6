import type { CgroupAccess } from '../../packages/hivetap/src/probes/tool-cgroups.js'

/** What a session that is made up knows of cgroups. */
export const NO_CGROUPS: CgroupAccess = {
  cgroupNames: () => undefined,
  cgroupNamesMissing: undefined,
  cgroupNamesUnkept: () => 0,
  wantCgroup: () => {},
  leaveOutCgroup: () => true,
  forgetCgroup: () => {},
  tellOtherCgroups: () => {},
  wantedCgroups: () => [],
  leftOutCgroups: () => [],
  cgroupRoom: () => 0,
}
