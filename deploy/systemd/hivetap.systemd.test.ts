import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { auditOfFile, eventsIn, untilHas } from '../../test/support/agent-run.js'
import { type RunningService, serviceInMachine } from '../../test/support/systemd/running-service.js'

const NOBODY = { address: '127.0.0.1', port: 1 }
/** What is published waits longer than a test needs to: the same, sooner. */
const SOON = 'WatchdogSec=2s\nRestartSec=100ms'
const ENDED = ['ActiveState', 'Result', 'ExecMainCode', 'ExecMainStatus', 'NRestarts'] as const
/** ExecMainCode is CLD_EXITED; a stop that took longer than TimeoutStopSec has the result `timeout`. */
const WELL = {
  ActiveState: 'inactive',
  Result: 'success',
  ExecMainCode: '1',
  ExecMainStatus: '0',
  NRestarts: '0',
}

describe('the unit under systemd', () => {
  let running: RunningService

  beforeAll(async () => {
    running = await serviceInMachine()
  })
  beforeEach(() => running.configure())
  afterEach(() => running.service.reset())
  afterAll(() => running?.close())

  it('is up once all is attached, and not before', async () => {
    const { service, client } = running
    await service.start()
    // No connect after `systemctl start` is missed.
    await client.storm(NOBODY, 20)
    await untilHas(service.events, 'tcpconnect', 20)

    const { ActiveState, SubState, MainPID, StatusText } = await service.show(
      'ActiveState',
      'SubState',
      'MainPID',
      'StatusText',
    )
    expect({ ActiveState, SubState }).toEqual({ ActiveState: 'active', SubState: 'running' })
    expect(StatusText).toMatch(/^1 of 1 tools attached; file .*; spool 0 of 1024 MiB$/)
    const [attached, none] = (await service.journal()).filter(({ text }) => text.includes('"attached"'))
    expect(none).toBeUndefined()
    expect(attached?.pid).toBe(Number(MainPID))
    const { time } = JSON.parse(attached?.text ?? '{}') as { readonly time: string }
    expect(await service.activeSinceMs()).toBeGreaterThanOrEqual(Date.parse(time))
  })

  it('says how it does, as that changes', async () => {
    const { service, client } = running
    await service.start()
    await client.storm(NOBODY, 1)
    expect(await service.until('StatusText', (text) => text.includes('file up'))).toBe(
      '1 of 1 tools attached; file up; spool 0 of 1024 MiB',
    )
  })

  it('is never up where nothing can be attached, and is tried again', async () => {
    const { service } = running
    const before = await service.property('ActiveEnterTimestampMonotonic')
    await service.override(`${SOON}\nCapabilityBoundingSet=`)
    expect((await service.tryStart()).status).not.toBe(0)
    await service.until('NRestarts', (count) => Number(count) >= 2)
    expect(await service.property('ActiveEnterTimestampMonotonic')).toBe(before)
    expect(await service.ownWords()).toContain("hivetap.service: Failed with result 'exit-code'.")
    const [error] = await service.errors()
    expect(error).toContain('Run it as root, or with CAP_BPF and CAP_PERFMON')
  })

  it('is not tried again with a configuration that is wrong', async () => {
    const { service } = running
    running.configure({ more: 'no_such_key: 1\n' })
    expect((await service.tryStart()).status).not.toBe(0)
    const seen = await service.show('ActiveState', 'Result', 'ExecMainStatus', 'NRestarts')
    expect(seen).toEqual({
      ActiveState: 'failed',
      Result: 'exit-code',
      ExecMainStatus: '2',
      NRestarts: '0',
    })
    expect(await service.errors()).toEqual([
      'hivetap: /etc/hivetap/hivetap.yaml:7:1: no_such_key: there is no such key',
    ])
  })

  it('is told to the watchdog for as long as it gets on', async () => {
    const { service } = running
    await service.override(SOON)
    await service.start()
    const pid = await service.property('MainPID')
    const first = Number(await service.property('WatchdogTimestampMonotonic'))
    // Three times as long as the watchdog waits.
    await service.until('WatchdogTimestampMonotonic', (us) => Number(us) > first + 6_000_000)
    expect(await service.show('MainPID', 'NRestarts', 'ActiveState')).toEqual({
      MainPID: pid,
      NRestarts: '0',
      ActiveState: 'active',
    })
  })

  it('is started anew by the watchdog where it is frozen', async () => {
    const { service, client } = running
    await service.override(SOON)
    await service.start()
    const pid = await service.property('MainPID')
    await client.storm(NOBODY, 5)
    await untilHas(service.events, 'tcpconnect', 5)
    await service.signal('STOP')

    await service.until('NRestarts', (count) => count === '1')
    await service.until('ActiveState', (state) => state === 'active')
    expect(await service.property('MainPID')).not.toBe(pid)
    const said = await service.ownWords()
    expect(said.some((text) => text.includes('Watchdog timeout'))).toBe(true)
    expect(said).toContain("hivetap.service: Failed with result 'watchdog'.")
    await client.storm(NOBODY, 5)
    await untilHas(service.events, 'tcpconnect', 10)
  })

  it('reads its configuration anew, and goes on as the same process', async () => {
    const { service, client } = running
    await service.start()
    const pid = await service.property('MainPID')
    const place = await client.listen('127.0.0.1')
    await client.storm(NOBODY, 5)
    running.configure({ tools: '[tcpconnect, tcpconnlat]' })
    await service.reload()
    await service.until('StatusText', (text) => text.startsWith('2 of 2 tools attached'))
    for (let made = 0; made < 5; made++) await client.connect(place)
    await untilHas(service.events, 'tcpconnlat', 5)
    expect(await service.show('MainPID', 'NRestarts', 'ActiveState', 'ReloadResult')).toEqual({
      MainPID: pid,
      NRestarts: '0',
      ActiveState: 'active',
      ReloadResult: 'success',
    })

    // A configuration that is wrong ends nothing.
    running.configure({ more: 'no_such_key: 1\n' })
    await service.reload()
    await service.untilSaid('the old one goes on')
    await service.until('ActiveState', (state) => state === 'active')
    expect(await service.property('MainPID')).toBe(pid)

    await service.stop()
    expect(eventsIn(service.events, 'tcpconnect')).toHaveLength(10)
    expect(auditOfFile(service.events).status).toBe(0)
  })

  it('delivers what is under way when it is stopped, and exits with 0', async () => {
    const { service, client } = running
    await service.start()
    await client.storm(NOBODY, 5000)
    await service.stop()
    expect(await service.show(...ENDED)).toEqual(WELL)
    expect(eventsIn(service.events, 'tcpconnect')).toHaveLength(5000)
    const { status, epochs } = auditOfFile(service.events)
    expect(status).toBe(0)
    expect(epochs).toMatchObject([{ state: 'ended', verdict: 'proven', events: 5000, missing: 0 }])
  })

  it('is stopped in time with a sink that is down, and keeps what it could not deliver', async () => {
    const { service, client } = running
    running.configure({
      sinks: '[{ type: kafka, brokers: ["127.0.0.1:1"], topic: hivetap.events }]',
    })
    await service.start()
    await client.storm(NOBODY, 50)
    await service.until('StatusText', (text) => text.includes('kafka down'))
    await service.stop()
    expect(await service.show(...ENDED)).toEqual(WELL)

    const ledger = (await service.journal()).find(({ text }) => text.includes('"left_in_spool_bytes"'))
    const left = JSON.parse(ledger?.text ?? '{}') as { readonly left_in_spool_bytes?: number }
    expect(left.left_in_spool_bytes).toBeGreaterThan(0)
  })

  it('is started anew when it is killed, and the epoch that was cut is named', async () => {
    const { service, client } = running
    await service.start()
    const pid = await service.property('MainPID')
    await client.storm(NOBODY, 5)
    await untilHas(service.events, 'tcpconnect', 5)
    await service.signal('KILL')
    await service.until('NRestarts', (count) => count === '1')
    await service.until('ActiveState', (state) => state === 'active')
    expect(await service.property('MainPID')).not.toBe(pid)
    expect(await service.ownWords()).toContain("hivetap.service: Failed with result 'signal'.")

    await client.storm(NOBODY, 5)
    await service.stop()
    expect(auditOfFile(service.events).epochs).toMatchObject([
      { state: 'cut', verdict: 'without_account', events: 5, missing: 0 },
      { state: 'ended', verdict: 'proven', events: 5, missing: 0 },
    ])
  })
})
