/** `min_latency_us` → `minLatencyUs`; `__data_loc_filename` → `dataLocFilename`. What has no letter stays. */
export function camelCase(name: string): string {
  const parts = name.split('_').filter((part) => part !== '')
  if (parts.length === 0) return name
  const [first = '', ...rest] = parts
  return lowerFirst(first) + rest.map(upperFirst).join('')
}

/** `connect_event` → `ConnectEvent`. */
export function pascalCase(name: string): string {
  return upperFirst(camelCase(name))
}

/** `OUTCOME_TIMED_OUT` of `enum outcome` → `timed_out`: the enum's name in front says nothing new. */
export function enumeratorLabel(enumName: string, enumerator: string): string {
  const lower = enumerator.toLowerCase()
  const prefix = `${enumName.toLowerCase()}_`
  return lower.startsWith(prefix) && lower.length > prefix.length ? lower.slice(prefix.length) : lower
}

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
const lowerFirst = (text: string): string =>
  text === text.toUpperCase() ? text.toLowerCase() : text.charAt(0).toLowerCase() + text.slice(1)
