import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { directoryPath, millisecondsToUs, portList, processId, seconds, someText } from './option-values.js'

/** What no reader takes for a number, though `Number()` takes most of them. */
const NO_NUMBERS = [
  '',
  ' ',
  ' 80 ',
  '80\n',
  '-1',
  '+80',
  '1e9',
  '0x10',
  '0b1',
  '0o7',
  '1_000',
  '1,5',
  '1.',
  '.',
  '1.2.3',
  'NaN',
  'Infinity',
  '٣',
  '８０',
  'eighty',
  '80\u0000',
  '80; rm',
]

/** The message that a reader refuses a text with. */
function refusal(read: (text: string) => unknown, text: string): string {
  try {
    read(text)
  } catch (error) {
    if (error instanceof Error) return error.message
  }
  throw new Error(`it took ${JSON.stringify(text)}`)
}

describe.each([
  { name: 'millisecondsToUs', read: millisecondsToUs, what: 'a time in milliseconds is a number' },
  { name: 'seconds', read: seconds, what: 'a time in seconds is a number' },
  { name: 'processId', read: processId, what: 'a process is a whole number from 1 to 4194303' },
])('$name', ({ read, what }) => {
  it.each(NO_NUMBERS)('does not take %j for a number, and says so', (text) => {
    expect(refusal(read, text)).toBe(`${what}, not ${JSON.stringify(text)}`)
  })
})

describe('millisecondsToUs', () => {
  it.each([
    ['0', 0],
    ['1', 1000],
    ['0.5', 500],
    ['.5', 500],
    ['007', 7000],
    ['1.005', 1005],
    ['0.0004', 0],
    ['0.0005', 1],
    ['1000000000000', 1e15],
  ])('%s ms are %d µs', (text, us) => {
    expect(millisecondsToUs(text)).toBe(us)
  })

  it.each(['1000000000001', '9'.repeat(400), `${'9'.repeat(30)}.5`])(
    'refuses what is more than the kernel’s counter is given exactly: %s',
    (text) => {
      expect(refusal(millisecondsToUs, text)).toMatch(
        /^a time in milliseconds is at most 1000000000000, not "[19]/,
      )
    },
  )

  it('gives whole microseconds that a number holds exactly, or refuses', () => {
    const fraction = fc.nat({ max: 999_999 }).map((digits) => String(digits).padStart(6, '0'))
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n - 1n }), fraction, (whole, digits) => {
        expect(Number.isSafeInteger(millisecondsToUs(`${whole}.${digits}`))).toBe(true)
      }),
    )
    fc.assert(
      fc.property(fc.bigInt({ min: 10n ** 12n + 1n, max: 10n ** 400n }), fraction, (whole, digits) => {
        expect(() => millisecondsToUs(`${whole}.${digits}`)).toThrow()
      }),
    )
  })
})

describe('processId', () => {
  it.each([
    ['1', 1],
    ['0042', 42],
    // The largest that there is: pid_max may be 2^22, and pids are below it (proc_sys_kernel(5)).
    ['4194303', 4_194_303],
  ])('takes %s', (text, pid) => {
    expect(processId(text)).toBe(pid)
  })

  it.each(['0', '4194304', '1.5', '99999999999999999999', '1'.repeat(400)])('refuses %s', (text) => {
    expect(refusal(processId, text)).toContain('a process is a whole number from 1 to 4194303')
  })
})

describe('portList', () => {
  it.each([
    ['80', [80]],
    ['80,443', [80, 443]],
    [' 80 , 443 ', [80, 443]],
    ['443,80,443,80', [443, 80]],
    ['080,80', [80]],
    ['1,65535', [1, 65535]],
  ])('%j', (text, ports) => {
    expect(portList(text)).toEqual(ports)
  })

  it.each([
    '',
    ',',
    '80,',
    ',80',
    '80,,443',
    '0',
    '65536',
    '80-90',
    '80;443',
    '1e3',
    '0x50',
    '٣',
    '80.0',
    '-80',
  ])('refuses %j, and says which part', (text) => {
    expect(refusal(portList, text)).toMatch(/^a port is a whole number from 1 to 65535, not "/)
  })

  it('has each port once, in the order in which they were first named, and never more than there are', () => {
    const named = fc.array(fc.integer({ min: 1, max: 65535 }), { minLength: 1 })
    fc.assert(
      fc.property(named, (ports) => {
        const list = portList(ports.join(','))
        expect(list).toEqual(ports.filter((port, index) => ports.indexOf(port) === index))
      }),
    )
    const seventyThousand = Array.from({ length: 70_000 }, (_, index) => (index % 65_535) + 1)
    expect(portList(seventyThousand.join(','))).toHaveLength(65_535)
  })
})

describe('seconds', () => {
  it.each([
    ['1', 1],
    ['0.3', 0.3],
    ['.3', 0.3],
    ['0.001', 0.001],
    ['86400', 86_400],
    ['2000000', 2_000_000],
  ])('takes %s', (text, value) => {
    expect(seconds(text)).toBe(value)
  })

  it('takes no more than a timer of Node’s does, which otherwise ends at once', () => {
    // timers: a delay of more than 2^31 - 1 ms is set to 1.
    expect(seconds('2000000') * 1000).toBeLessThanOrEqual(2 ** 31 - 1)
  })

  it.each(['0', '0.0', '2000000.1', '2147484', '9'.repeat(400)])('refuses %s', (text) => {
    expect(refusal(seconds, text)).toBe(
      `a time in seconds is more than 0 and at most 2000000, not ${JSON.stringify(text)}`,
    )
  })
})

describe('texts', () => {
  it.each([' ', 'a', '--', '\n', '\u202e', 'x'.repeat(5000)])('are taken as they are: %j', (text) => {
    expect(someText(text)).toBe(text)
    expect(directoryPath(text)).toBe(text)
  })

  it('have a character at least', () => {
    expect(refusal(someText, '')).toBe('a text is to have a character at least')
    expect(refusal(directoryPath, '')).toContain('"" is none')
    expect(refusal(directoryPath, '/a\0b')).toContain('"/a\\u0000b" is none')
  })
})
