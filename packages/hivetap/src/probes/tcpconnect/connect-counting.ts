import { formatIpAddress } from '@hivetap/bpf'
import { type ConnectKey, connectCountFields, connectEventFields } from '../connects/connect-event.js'
import type { ConnectOptions } from '../connects/connect-plan.js'
import { openConnectCounts } from '../connects/open-connects.js'
import type { Counted, Counting, CountOptions } from '../counting.js'
import type { Column, Field } from '../tool.js'
import { tcpconnect as object } from './tcpconnect.bpf.js'

type Row = Counted<ConnectKey>

/** What may be asked of counting. */
interface CountingOptions extends ConnectOptions, CountOptions {
  readonly sourcePort?: boolean
}

const sourceAddress = ({ key }: Row) => formatIpAddress(key.sourceAddress, key.ipVersion)
const destinationAddress = ({ key }: Row) => formatIpAddress(key.destinationAddress, key.ipVersion)

/** Columns as libbpf-tools' tcpconnect has them. */
function columns({ sourcePort }: CountingOptions): readonly Column<Row>[] {
  return [
    { header: 'LADDR', width: 25, field: 'source_address', text: sourceAddress },
    { header: 'RADDR', width: 25, field: 'destination_address', text: destinationAddress },
    ...(sourcePort === true
      ? [
          {
            header: 'LPORT',
            width: 20,
            field: 'source_port',
            text: ({ key }: Row) => String(key.sourcePort),
          },
        ]
      : []),
    {
      header: 'RPORT',
      width: 20,
      field: 'destination_port',
      text: ({ key }) => String(key.destinationPort),
    },
    { header: 'CONNECTS', width: 10, field: 'connects', text: ({ count }) => String(count) },
  ]
}

/** The fields of an event that are counted by, and how many there were. */
function fields({ sourcePort }: CountingOptions): readonly Field<Row>[] {
  return [
    { ...described('ip_version'), type: 'integer', value: ({ key }) => key.ipVersion },
    { ...described('source_address'), type: 'string', value: sourceAddress },
    ...(sourcePort === true
      ? [
          {
            ...described('source_port'),
            type: 'integer' as const,
            value: ({ key }: Row) => key.sourcePort,
          },
        ]
      : []),
    { ...described('destination_address'), type: 'string', value: destinationAddress },
    { ...described('destination_port'), type: 'integer', value: ({ key }) => key.destinationPort },
    { ...described('connects'), type: 'integer', value: ({ count }) => count },
  ]
}

/** A field as the C struct has it. */
function described(name: string): { name: string; doc: string } {
  const field = [...connectEventFields, ...connectCountFields].find((each) => each.name === name)
  return { name, doc: field?.doc ?? '' }
}

/** Counts every connect that ends, by its end points. */
export const connectCounting: Counting<ConnectKey, CountingOptions> = {
  columns,
  fields,
  open: (options, placement) => openConnectCounts(object, options, options.sourcePort === true, placement),
}
