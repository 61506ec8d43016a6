import type { RecordBuffer } from '@hivetap/bpf'

/** Where events come from: a buffer of the kernel's, or what stands in front of one. */
export type EventSource<E> = Pick<RecordBuffer<E>, 'drain' | 'wait' | 'wake'>
