/** A watermark as it is saved: JSON. */
export interface WatermarkState {
  readonly lateness_us: number
  /** Missing before the first event. */
  readonly now_us?: number
  readonly streams: readonly WatermarkStream[]
}

export interface WatermarkStream {
  readonly stream: number
  readonly active: boolean
  /** Missing if nothing came of it. */
  readonly greatest_us?: number
}

/** A state that was read from somewhere, if it is one. */
export function readWatermark(state: unknown): WatermarkState | undefined {
  if (!isRecord(state)) return undefined
  const { lateness_us: lateness, now_us: now, streams } = state
  if (
    !isFiniteNumber(lateness) ||
    lateness < 0 ||
    !(now === undefined || isFiniteNumber(now)) ||
    !Array.isArray(streams)
  )
    return undefined
  if (!streams.every(isStream)) return undefined
  return { lateness_us: lateness, ...(now === undefined ? {} : { now_us: now }), streams }
}

function isStream(value: unknown): value is WatermarkStream {
  if (!isRecord(value)) return false
  const { stream, active, greatest_us: greatest } = value
  return (
    isFiniteNumber(stream) &&
    typeof active === 'boolean' &&
    (greatest === undefined || isFiniteNumber(greatest))
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isFiniteNumber(value: unknown): value is number {
  return Number.isFinite(value)
}
