/**
 * An IP address as text: dotted for IPv4; RFC 5952 for IPv6, with the last four bytes dotted where inet_ntop(3) has them
 * so (`::ffff:10.0.0.1`).
 *
 * @param bytes at least 4 of them, or 16
 * @param version 4 or 6; anything else gives the empty text
 */
export function formatIpAddress(bytes: Uint8Array, version: number): string {
  if (version === 4) return dotted(bytes, 0)
  return version === 6 ? formatIpv6(bytes) : ''
}

function dotted(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`
}

function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from(
    { length: 8 },
    (_, index) => ((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0),
  )
  const gap = longestZeros(groups)
  const mapped = gap.start === 0 && (gap.length === 6 || (gap.length === 5 && groups[5] === 0xffff))
  const hex = (from: number, to: number) => groups.slice(from, to).map((group) => group.toString(16))
  const tail = mapped ? [...hex(gap.length, 6), dotted(bytes, 12)] : hex(gap.start + gap.length, 8)
  return gap.length === 0 ? tail.join(':') : `${hex(0, gap.start).join(':')}::${tail.join(':')}`
}

/** The first of the longest runs of two or more zero groups. */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === 0) length++
    if (length >= 2 && length > best.length) best = { start, length }
    start += length
  }
  return best
}
