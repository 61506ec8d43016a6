import type { AnyTool, Field, FieldValue } from '../probes/tool.js'
import type { Random } from './random.js'

/** An event that nobody saw. */
export interface SimulatedEvent {
  /** Nanoseconds of the simulated CLOCK_MONOTONIC. */
  readonly timeNs: number
  readonly values: Readonly<Record<string, FieldValue>>
}

/** What JsonLines takes of a tool: the fields of a real one, with values that are made up. */
export interface SimulatedTool {
  readonly name: string
  readonly fields: readonly Field<SimulatedEvent>[]
  timeNs(event: SimulatedEvent): number
}

/** A tool whose events are made up. */
export function simulatedTool({ name, fields }: AnyTool): SimulatedTool {
  return {
    name,
    fields: fields.map(
      (field: Field<unknown>): Field<SimulatedEvent> => ({
        ...field,
        value: ({ values }) => values[field.name],
      }),
    ),
    timeNs: ({ timeNs }) => timeNs,
  }
}

const COMMS = ['curl', 'nginx', 'java', 'postgres', 'node', 'Ünïcödé "x"\\'] as const
const PORTS = [22, 80, 443, 5432, 9092] as const

/** Makes an event up. @param destinations how many addresses are connected to; 0: as many as there are */
export function simulatedEvent(
  tool: SimulatedTool,
  timeNs: number,
  random: Random,
  destinations = 0,
): SimulatedEvent {
  const values = tool.fields.map((field) => [field.name, fieldValue(field, random)] as const)
  const toOne = destinations > 0 && tool.fields.some(({ name }) => name === 'destination_address')
  return {
    timeNs,
    values: {
      ...Object.fromEntries(values),
      ...(toOne && destinationOf(random.between(0, destinations - 1))),
    },
  }
}

/** One of few: each address has one port. */
function destinationOf(index: number): Readonly<Record<string, FieldValue>> {
  return {
    destination_address: `10.1.${index >> 8}.${index & 255}`,
    destination_port: PORTS[index % PORTS.length] ?? PORTS[0],
  }
}

function fieldValue({ name, type, labels }: Field<SimulatedEvent>, random: Random): FieldValue {
  const [first, ...others] = labels ?? []
  if (first !== undefined) return random.pick([first, ...others])
  switch (type) {
    case 'integer':
    case 'number':
      return name.endsWith('port') ? random.pick(PORTS) : random.between(0, 100_000)
    case 'boolean':
      return random.happens(0.1)
    case 'strings':
      return Array.from({ length: random.between(1, 4) }, () => random.pick(COMMS))
    default:
      return name.endsWith('address')
        ? `10.0.${random.between(0, 255)}.${random.between(1, 254)}`
        : random.pick(COMMS)
  }
}
