const V4 = /^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/
const GROUP = /^[0-9a-f]{1,4}$/i
/** Characters of an address at most: an IPv6 address with an IPv4 address at its end. */
const MOST = 45

/**
 * An IP address in the one way in which it is looked up: IPv4 with dots, also where it stands within IPv6 (`::ffff:10.0.0.1`,
 * `::ffff:a00:1`); IPv6 as RFC 5952 has it.
 *
 * @returns `undefined` if it is no address, or one of a link alone (`fe80::1%eth0`), which names nobody beyond the link
 */
export function plainAddress(text: string): string | undefined {
  if (text.length > MOST) return undefined
  if (!text.includes(':')) return V4.test(text) ? text : undefined
  const groups = parseGroups(text)
  if (groups === undefined) return undefined
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) return v4Of(groups)
  return formatGroups(groups)
}

/** The eight numbers of an IPv6 address. */
function parseGroups(text: string): readonly number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [front, back] = halves.map((half, index) => parseHalf(half, index === halves.length - 1))
  if (front === undefined || (halves.length === 2 && back === undefined)) return undefined
  if (back === undefined) return front.length === 8 ? front : undefined
  const zeros = 8 - front.length - back.length
  // RFC 4291: `::` stands for one group or more.
  return zeros < 1 ? undefined : [...front, ...Array<number>(zeros).fill(0), ...back]
}

/** @param isLast an IPv4 address may stand at its end */
function parseHalf(half: string, isLast: boolean): readonly number[] | undefined {
  if (half === '') return []
  const parts = half.split(':')
  const groups: number[] = []
  for (const [index, part] of parts.entries()) {
    if (GROUP.test(part)) groups.push(Number.parseInt(part, 16))
    else if (isLast && index === parts.length - 1 && V4.test(part)) {
      const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number)
      groups.push((a << 8) | b, (c << 8) | d)
    } else return undefined
  }
  return groups
}

function v4Of(groups: readonly number[]): string {
  const [high = 0, low = 0] = groups.slice(6)
  return `${high >> 8}.${high & 0xff}.${low >> 8}.${low & 0xff}`
}

/** The longest run of zeros, the first of equal ones, becomes `::`; one zero alone does not. */
function formatGroups(groups: readonly number[]): string {
  let start = 0
  let length = 1
  for (let index = 0; index < 8; index++) {
    let end = index
    while (end < 8 && groups[end] === 0) end++
    if (end - index > length) {
      start = index
      length = end - index
    }
  }
  const hex = groups.map((group) => group.toString(16))
  if (length < 2) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}
