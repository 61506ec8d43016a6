import { describe, expect, it } from 'vitest'
import { allRun, type DoctorReport, reportJson, reportText } from './doctor-report.js'

const REPORT: DoctorReport = {
  version: '1.2.3',
  host: [
    { name: 'kernel', state: 'ok', found: 'Linux 6.1.0, x64' },
    { name: 'lockdown', state: 'note', found: 'this kernel has none' },
    { name: 'locked memory', state: 'lacking', found: '64 KiB', mend: 'ulimit -l unlimited' },
  ],
  tools: [
    {
      tool: 'tcpconnlat',
      runs: true,
      rung: 'tracepoint',
      buffer: 'perf',
      steps: [
        {
          rung: 'tp_btf',
          buffer: 'ringbuf',
          works: false,
          reason: 'there is no BTF',
          mend: 'a kernel with BTF',
        },
        {
          rung: 'raw_tp',
          buffer: 'perf',
          works: false,
          reason: 'not permitted',
          mend: 'sudo hivetap …',
          manifest: 'add: [BPF, PERFMON]',
        },
        { rung: 'tracepoint', buffer: 'perf', works: true, missing: { netns: 'a kernel with BTF' } },
      ],
    },
    { tool: 'other', runs: false, steps: [] },
    {
      tool: 'third',
      runs: true,
      rung: 'tp_btf',
      buffer: 'ringbuf',
      steps: [{ rung: 'tp_btf', buffer: 'ringbuf', works: true }],
    },
  ],
}

describe('reportText', () => {
  it('has the host in columns, then each tool with its steps, and what mends what under it', () => {
    expect(reportText(REPORT)).toBe(
      [
        'hivetap 1.2.3',
        '',
        '  ok  kernel         Linux 6.1.0, x64',
        '  -   lockdown       this kernel has none',
        '  !   locked memory  64 KiB',
        '                     mends it: ulimit -l unlimited',
        '',
        'tcpconnlat runs here: tracepoint, perf buffers',
        '  !   tp_btf     ringbuf there is no BTF',
        '                         mends it: a kernel with BTF',
        '  !   raw_tp     perf    not permitted',
        '                         mends it: sudo hivetap …',
        '                         in a pod: add: [BPF, PERFMON]',
        '  ok  tracepoint perf',
        '                         without netns: it takes a kernel with BTF',
        '',
        'other cannot run here',
        '',
        'third runs here: tp_btf, ring buffer',
        '  ok  tp_btf     ringbuf',
        '',
      ].join('\n'),
    )
  })

  it('gives a terminal no control characters of a path that somebody mounted at, and keeps to its lines', () => {
    const host = [{ name: 'bpffs', state: 'ok', found: '/mnt/\u001b]0;x\u0007\n\u202e' }] as const
    expect(reportText({ version: '1', host, tools: [] })).toBe(
      'hivetap 1\n\n  ok  bpffs          /mnt/?]0;x???\n',
    )
  })
})

describe('reportJson', () => {
  it('is the report', () => {
    const text = reportJson(REPORT)
    expect(JSON.parse(text)).toEqual(REPORT)
    expect(Object.keys(JSON.parse(text) as object)).toEqual(['version', 'host', 'tools'])
    expect(text.startsWith('{\n  "version": "1.2.3",\n  "host": [\n')).toBe(true)
    expect(text.endsWith('\n}\n')).toBe(true)
  })

  it('can be shown on a terminal', () => {
    const host = [{ name: 'bpffs', state: 'ok', found: '/mnt/\u001b\u009b\u202e' }] as const
    const text = reportJson({ version: '1', host, tools: [] })
    expect(text).not.toMatch(/[\u001b\u009b\u202e]/)
    expect(JSON.parse(text)).toEqual({ version: '1', host, tools: [] })
  })
})

describe('allRun', () => {
  it('is so only if every tool runs: what the exit status says', () => {
    const [runs, not, other] = REPORT.tools
    if (runs === undefined || not === undefined || other === undefined) throw new Error('three tools')
    const of = (...tools: DoctorReport['tools']) => allRun({ ...REPORT, tools })
    expect([of(runs, other), of(runs, not), of(not), of()]).toEqual([true, false, false, true])
  })
})
