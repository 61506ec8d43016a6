import { chmodSync, mkdirSync, readlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { openKernelBtf } from '@hivetap/bpf'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { Client } from '../../../../../test/support/client.js'
import { hasCommand } from '../../../../../test/support/commands.js'
import { ConnectorFolder } from '../../../../../test/support/connector.js'
import { describeKernelIf } from '../../../../../test/support/kernel-if.js'
import { nextEvent } from '../../../../../test/support/next-event.js'
import type { ConnectEvent } from '../connects/connect-event.js'
import { openTool } from '../open-tool.js'
import { tcpconnect } from '../tcpconnect/tcpconnect.js'
import { tcpconnlat } from '../tcpconnlat/tcpconnlat.js'
import { type AnyTool, RUNGS, type Rung, type Session } from '../tool.js'
import type { ProgramPath } from './program-path.js'

/** Bytes of a path at most: PATH_BYTES of program-path.h. */
const PATH_BYTES = 380

const made: { close(): unknown }[] = []
let folder: ConnectorFolder
beforeAll(() => {
  if (hasCommand('gcc')) folder = new ConnectorFolder()
})
afterAll(() => folder?.close())
afterEach(async () => {
  for (const one of made.splice(0).reverse()) await one.close()
  await folder?.endAll()
})

function open(rung: Rung = 'tp_btf', tool: AnyTool = tcpconnlat): Session<ConnectEvent> {
  const { session } = openTool(tool, { failed: true }, { rung })
  made.push(session)
  return session as Session<ConnectEvent>
}

/** What the kernel's programs say of the program of a process that connects now, and what /proc says. */
async function told(
  session: Session<ConnectEvent>,
  pid: number,
): Promise<{ kept: ProgramPath | undefined; proc: string }> {
  const event = await nextEvent(session, pid)
  return { kept: session.programPath(pid, event), proc: readlinkSync(`/proc/${pid}/exe`) }
}

/** Starts a command that becomes the connector, and expects its path to be told whole, as /proc has it. */
async function expectSame(session: Session<ConnectEvent>, command: string, ...args: readonly string[]) {
  const pid = folder.start(command, ...args)
  const { kept, proc } = await told(session, pid)
  expect(kept).toEqual({ path: proc, whole: true })
  expect(session.programPathsUnkept()).toBe(0)
  return proc
}

const script = (text: string) => ['unshare', '-m', 'sh', '-ec', text] as const

describeKernelIf(openKernelBtf() !== undefined && hasCommand('gcc'))('the path of a program', () => {
  describe.each(RUNGS)('by %s', (rung) => {
    it.each([tcpconnlat, tcpconnect])('is what /proc says: $name', async (tool) => {
      const client = new Client()
      made.push({ close: () => client.stop() })
      const { pid } = await client.who()
      const session = open(rung, tool)
      const listener = await client.listen('127.0.0.1')
      await client.connect(listener)
      expect(await told(session, pid)).toEqual({
        kept: { path: readlinkSync(`/proc/${pid}/exe`), whole: true },
        proc: readlinkSync(`/proc/${pid}/exe`),
      })
    })

    it('is told of one that is gone, and removed', async () => {
      const session = open(rung)
      const program = folder.copyTo('gone', 'soon')
      const pid = folder.start(program)
      const event = await nextEvent(session, pid)
      await folder.letGo(pid)
      unlinkSync(program)
      // As it was when it connected.
      expect(session.programPath(pid, event)).toEqual({ path: program, whole: true })
    })

    it.each([
      [PATH_BYTES, true],
      [PATH_BYTES + 1, false],
    ])('of %d bytes is whole: %s', async (bytes, whole) => {
      const session = open(rung)
      const rest = bytes - folder.path.length - 2 - 'program'.length
      // The first takes what the second does not: two names of 255 bytes at most.
      const [first, second] = ['x'.repeat(rest - 101), 'y'.repeat(100)]
      const program = folder.copyTo(first, second, 'program')
      expect(program.length).toBe(bytes)
      const { kept, proc } = await told(session, folder.start(program))
      expect(proc).toBe(program)
      // The first name that does not fit is left out, and what is above it.
      const [top = ''] = program.slice(1).split('/')
      expect(kept).toEqual({ path: whole ? program : program.replace(`/${top}`, '…'), whole })
      expect(session.programPathsUnkept()).toBe(whole ? 0 : 1)
    })

    it('has as many names as it takes steps, or the last of them', async () => {
      const session = open(rung)
      const names = Array.from({ length: 40 }, (_, index) => `d${index}`)
      const { kept, proc } = await told(session, folder.start(folder.copyTo(...names, 'program')))
      expect(kept?.whole).toBe(false)
      const text = kept?.path ?? ''
      expect(text.startsWith('…/d')).toBe(true)
      expect(proc.endsWith(text.slice(1))).toBe(true)
      expect(text.split('/').length).toBeGreaterThan(20)
    })

    it('is the interpreter’s, of a script', async () => {
      const file = folder.at('script')
      writeFileSync(file, `#!${folder.program}\n`)
      chmodSync(file, 0o755)
      expect(await expectSame(open(rung), file)).toBe(folder.program)
    })

    it('is told of a file that is in no directory', async () => {
      expect(await expectSame(open(rung), folder.program, 'memfd', 'a name')).toBe('/memfd:a name (deleted)')
    })

    it.each([
      ['a line’s end, and what moves a cursor', 'a\nb\u001b[31m\u0007c'],
      ['what looks like one that was removed', 'x (deleted)'],
      ['letters of many bytes', 'ä漢🙂'],
      ['255 bytes', 'n'.repeat(255)],
    ])('is as /proc has it with a name of %s', async (_, name) => {
      expect(await expectSame(open(rung), folder.copyTo('names', name))).toBe(folder.at('names', name))
    })

    it('goes out of mounts within mounts, and of a file that is mounted', async () => {
      const session = open(rung)
      const at = folder.at('mounts')
      mkdirSync(`${at}/one/two`, { recursive: true })
      const text = `mount -t tmpfs none '${at}'; mkdir -p '${at}/one/two'; mount -t tmpfs none '${at}/one/two'
        cp '${folder.program}' '${at}/one/two/program'; exec '${at}/one/two/program'`
      expect(await expectSame(session, ...script(text))).toBe(`${at}/one/two/program`)
      const file = `: > '${at}/file'; mount --bind '${folder.program}' '${at}/file'; exec '${at}/file'`
      expect(await expectSame(session, ...script(file))).toBe(`${at}/file`)
      const directory = `mount --bind '${folder.path}' '${at}'; exec '${at}/connector'`
      expect(await expectSame(session, ...script(directory))).toBe(`${at}/connector`)
    })

    it('begins at the root of the mount namespace: of a container on an overlay, and not at that of a chroot', async () => {
      const session = open(rung)
      folder.copyTo('image', 'usr', 'bin', 'program')
      const at = folder.at('container')
      mkdirSync(at, { recursive: true })
      const root = `cd '${at}'; mount -t tmpfs none .; cd '${at}'; mkdir upper work root
        mount -t overlay overlay -o lowerdir='${folder.at('image')}',upperdir=upper,workdir=work root; cd root; mkdir old`
      const inside = `${root}; pivot_root . old; exec /usr/bin/program`
      expect(await expectSame(session, ...script(inside))).toBe('/usr/bin/program')
      const changed = `${root}; exec chroot . /usr/bin/program`
      expect(await expectSame(session, ...script(changed))).toBe(`${at}/root/usr/bin/program`)
    })
  })
})
