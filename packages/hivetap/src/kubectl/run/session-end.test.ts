import { describe, expect, it } from 'vitest'
import { sessionEnd } from './session-end.js'

const terminated = (status: number) =>
  `hivetap: It cannot. Do that.\ncommand terminated with exit code ${status}\n`

describe('a session', () => {
  it.each([
    { name: 'that was asked to', status: 0, stderr: '', asked: true, kind: 'ended' },
    { name: 'that was not', status: 0, stderr: '', asked: false, kind: 'lost' },
    { name: 'of a tool that cannot run', status: 1, stderr: terminated(1), asked: false, kind: 'failed' },
    {
      name: 'of a flag that is not known there',
      status: 2,
      stderr: terminated(2),
      asked: false,
      kind: 'failed',
    },
    { name: 'that was killed there', status: 137, stderr: terminated(137), asked: false, kind: 'lost' },
    { name: 'whose kubectl was killed', status: null, stderr: '', asked: true, kind: 'lost' },
    {
      name: 'whose node is gone',
      status: 1,
      stderr:
        'Error from server: error dialing backend: dial tcp 10.0.0.1:10250: connect: connection refused\n',
      asked: false,
      kind: 'lost',
    },
    {
      name: 'without its program',
      status: 1,
      stderr:
        'error: Internal error occurred: error executing command in container: exec failed: unable to start container process: exec: "hivetap": executable file not found in $PATH: unknown\n',
      asked: false,
      kind: 'failed',
    },
  ] as const)('$name is $kind', ({ status, stderr, asked, kind }) => {
    expect(sessionEnd(status, stderr, asked).kind).toBe(kind)
  })

  it('says what hivetap said last, and not what kubectl did', () => {
    expect(sessionEnd(1, terminated(1), false)).toEqual({
      kind: 'failed',
      status: 1,
      reason: 'It cannot. Do that.',
    })
  })
})
