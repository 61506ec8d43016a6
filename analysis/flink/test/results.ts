import type { KafkaCluster } from '../../../test/support/kafka/cluster.js'
import { readRecords } from '../../../test/support/kafka/read-records.js'
import { type AlertRow, type GapRow, rowsOf, type WindowRow } from './rows.js'

/** Topics of results, below `RESULTS.`. */
export const RESULT_TOPICS = ['windows', 'alerts', 'gaps', 'late', 'unreadable'] as const

/** What a job wrote. */
export interface Results {
  readonly windows: readonly WindowRow[]
  readonly gaps: readonly GapRow[]
  readonly alerts: readonly (AlertRow & { readonly alert_id: string })[]
  readonly late: readonly unknown[]
  readonly unreadable: number
  /** Rows that were told more than once. */
  readonly copies: number
}

interface FlinkAlert extends Omit<AlertRow, 'destination'> {
  readonly alert_id: string
  readonly key: { readonly destination: string }
}

/** Reads what a job wrote, by Kafka's own consumer. */
export async function resultsIn(kafka: KafkaCluster, results: string): Promise<Results> {
  const read = async <T>(topic: (typeof RESULT_TOPICS)[number]) =>
    rowsOf<T>(await readRecords(kafka, `${results}.${topic}`))
  const windows = await read<WindowRow>('windows')
  const gaps = await read<GapRow>('gaps')
  const alerts = await read<FlinkAlert>('alerts')
  const late = await read('late')
  const unreadable = await read<{ records: number }>('unreadable')
  return {
    windows: windows.rows,
    gaps: gaps.rows,
    alerts: alerts.rows.map(({ key, ...rest }) => ({ ...rest, destination: key.destination })),
    late: late.rows,
    unreadable: unreadable.rows.reduce((sum, { records }) => sum + records, 0),
    copies: windows.copies,
  }
}
