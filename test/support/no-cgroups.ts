import type { NameAccess } from '../../packages/hivetap/src/probes/tool-names.js'

/** What a session that is made up knows of cgroups and programs. */
export const NO_CGROUPS: NameAccess = {
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
  programPath: () => undefined,
  programPathsUnkept: () => 0,
}
