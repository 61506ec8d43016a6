/** What a watcher did and met, since it began. */
export interface WatchCounts {
  /** Lists that were read to the end, and pages that were begun. */
  lists: number
  pages: number
  /** Watches that stood. */
  watches: number
  /** Objects that a watch told of, and bookmarks. */
  events: number
  bookmarks: number
  /** Times that what was asked for was too old (410), in a list or a watch. */
  expired: number
  /** Failures of any other kind, after each of which it was tried again. */
  failures: number
  /** Objects that were not taken: no objects of this kind, or the caller's `pick` threw. */
  malformed: number
  /** Objects that were not taken: more than 4 MiB. */
  tooLarge: number
  /** Objects that were not taken: there were more than the bound. */
  tooMany: number
}

export function noCounts(): WatchCounts {
  return {
    lists: 0,
    pages: 0,
    watches: 0,
    events: 0,
    bookmarks: 0,
    expired: 0,
    failures: 0,
    malformed: 0,
    tooLarge: 0,
    tooMany: 0,
  }
}
