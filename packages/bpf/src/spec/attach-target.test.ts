import { describe, expect, it } from 'vitest'
import { type AttachTarget, describeAttachTarget, parseAttachTarget } from './attach-target.js'

describe('the name of a section', () => {
  it.each<[string, AttachTarget, string]>([
    ['tp_btf/sched_switch', { kind: 'tp_btf', name: 'sched_switch' }, 'tp_btf sched_switch'],
    ['raw_tp/sys_enter', { kind: 'raw_tp', name: 'sys_enter' }, 'raw_tp sys_enter'],
    ['raw_tracepoint/sys_enter', { kind: 'raw_tp', name: 'sys_enter' }, 'raw_tp sys_enter'],
    ['tp/sock/x', { kind: 'tracepoint', group: 'sock', name: 'x' }, 'tracepoint sock:x'],
    ['tracepoint/sock/x', { kind: 'tracepoint', group: 'sock', name: 'x' }, 'tracepoint sock:x'],
    ['?tp/sock/x', { kind: 'tracepoint', group: 'sock', name: 'x' }, 'tracepoint sock:x'],
    ['socket', { kind: 'socket_filter' }, 'socket filter'],
    ['socket/filter', { kind: 'socket_filter' }, 'socket filter'],
    ['kprobe/tcp_connect', { kind: 'unknown', section: 'kprobe/tcp_connect' }, 'section kprobe/tcp_connect'],
    ['?kprobe/x', { kind: 'unknown', section: '?kprobe/x' }, 'section ?kprobe/x'],
    ['', { kind: 'unknown', section: '' }, 'section '],
  ])('%s says where a program is to run', (section, target, text) => {
    expect(parseAttachTarget(section)).toEqual(target)
    expect(describeAttachTarget(target)).toBe(text)
  })

  it.each([
    'tp_btf',
    'tp_btf/',
    'tp_btf/a/b',
    'raw_tp',
    'raw_tp/',
    'raw_tp/a/b',
    'tp',
    'tp/a',
    'tp/a/',
    'tp//b',
    'tp/a/b/c',
  ])('%s names no hook', (section) => {
    expect(parseAttachTarget(section)).toEqual({ kind: 'unknown', section })
  })
})
