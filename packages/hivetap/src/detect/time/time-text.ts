/** RFC 3339, UTC, microseconds. @param us since 1970 */
export function timeOfUs(us: number): string {
  const ms = Math.floor(us / 1000)
  const rest = String(us - ms * 1000).padStart(3, '0')
  return new Date(ms).toISOString().replace('Z', `${rest}Z`)
}
