/** What a member says beside an offset, for those who read the partition after it and for those who read others meanwhile. */
export interface CommitNote {
  /** Which topic: another of the same name has another one. */
  readonly topicId: string | undefined
  /** How far it is looked at: further than the offset, where what was looked at is not judged. */
  readonly read?: number
  /** The latest time of its events up to there; microseconds since 1970. */
  readonly reachedUs?: number | undefined
}

/** A note in the words of a commit. */
export function commitNoteText({ topicId = '', read, reachedUs }: CommitNote): string {
  const reached = reachedUs === undefined || !Number.isFinite(reachedUs) ? {} : { reached_us: reachedUs }
  return JSON.stringify({ topic_id: topicId, read, ...reached })
}

/** Reads one, whoever wrote it; what says nothing of how far it is looked at is of others. */
export function readCommitNote(text: string): CommitNote {
  try {
    const said: unknown = JSON.parse(text)
    if (typeof said !== 'object' || said === null) return { topicId: undefined }
    const { topic_id: topicId, read, reached_us: reachedUs } = said as Readonly<Record<string, unknown>>
    return {
      topicId: typeof topicId === 'string' && topicId !== '' ? topicId : undefined,
      ...(isCount(read) && { read }),
      ...(isCount(reachedUs) && { reachedUs }),
    }
  } catch {
    return { topicId: undefined }
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER
}
