/**
 * Keys of four bytes that a hash map of the kernel keeps in one bucket: those whose hash, by Bob Jenkins' lookup3 with a
 * seed of zero (BPF_F_ZERO_SEED, Linux 5.0), has the same low bits.
 *
 * @param buckets the map's entries at most, rounded up to a power of two
 */
export function keysOfBucket(bucket: number, buckets: number, count: number): number[] {
  const keys: number[] = []
  for (let key = 0; keys.length < count; key++)
    if ((hashOfWord(key) & (buckets - 1)) >>> 0 === bucket) keys.push(key)
  return keys
}

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

/** The last step of lookup3 on a single word of key. */
function hashOfWord(word: number): number {
  const start = (0xdeadbeef + 4) | 0
  let a = (start + word) | 0
  let b = start
  let c = start
  // Which of the three is mixed with which other, and by how much that is rotated.
  for (const [target, by] of [
    ['c', 14],
    ['a', 11],
    ['b', 25],
    ['c', 16],
    ['a', 4],
    ['b', 14],
    ['c', 24],
  ] as const) {
    if (target === 'a') a = ((a ^ c) - rotate(c, by)) | 0
    else if (target === 'b') b = ((b ^ a) - rotate(a, by)) | 0
    else c = ((c ^ b) - rotate(b, by)) | 0
  }
  return c
}
