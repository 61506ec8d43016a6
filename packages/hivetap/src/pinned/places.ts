import { join } from 'node:path'

/** Where pins are, unless told. */
export const PIN_DIRECTORY = '/sys/fs/bpf/hivetap'

/**
 * Names below the directory. All of a run is in one folder, which gets its name when it is complete: what a process that was
 * killed meanwhile leaves is `unfinished`. A bpffs takes no names with a dot.
 */
export const RUN = 'run'
export const UNFINISHED = 'unfinished'

/** Where the parts of a run are, in its folder. */
export const placesOf = (folder: string) => ({
  /** What the run is: record.ts. */
  agent: join(folder, 'agent'),
  /** The ring buffer of all tools. */
  events: join(folder, 'events'),
  /** How far it was read, and what came of that: progress.ts. */
  progress: join(folder, 'progress'),
  /** The same of what is to be handed on next: what of it was left out, nobody could say again. */
  intended: join(folder, 'intended'),
  tool: (name: string) => toolPlaces(join(folder, name)),
})

/** Where the parts of a tool are, in its own folder. */
const toolPlaces = (folder: string) => ({
  folder,
  ledgers: join(folder, 'ledgers'),
  /** Those of a tool that keeps them: the names of cgroups, which of these are wanted, and the paths of programs. */
  cgroupNames: join(folder, 'cgroup_names'),
  wantedCgroups: join(folder, 'wanted_cgroups'),
  programPaths: join(folder, 'program_paths'),
  link: (program: string) => join(folder, `link_${program}`),
  program: (program: string) => join(folder, `program_${program}`),
})

export type ToolPlaces = ReturnType<typeof toolPlaces>
