import { bpf_attach_type, bpf_attr_prog_load, bpf_prog_type } from './abi.generated.js'
import { bpf } from './bpf.js'
import { ERRNO } from './errno.js'
import { allocate, cString, type Memory, memoryOf } from './memory.js'
import { packStruct } from './struct.js'

/** What the kernel is given to load a program. */
export interface ProgramImage {
  readonly name: string
  readonly type: keyof typeof bpf_prog_type
  readonly attachType?: keyof typeof bpf_attach_type
  /** The type in the kernel's BTF that it attaches to: for tp_btf, `btf_trace_<tracepoint>`. */
  readonly attachBtfId?: number
  readonly license: string
  /** Instructions, encoded. */
  readonly code: Uint8Array
  /** The object's BTF in the kernel with the records that refer to it, where the kernel took it. */
  readonly debug?: ProgramDebug | undefined
}

/** Which function and which source line an instruction belongs to: Linux 5.0. */
export interface ProgramDebug {
  /** File descriptor of the BTF. */
  readonly btf: number
  /** func_info: instruction offset and type, u32 each. */
  readonly functions: Uint8Array
  /** line_info: instruction offset, file name, line's text, line << 10 | column, u32 each. */
  readonly lines: Uint8Array
}

/** Bytes of a record of func_info and of line_info. */
export const FUNCTION_RECORD_SIZE = 8
export const LINE_RECORD_SIZE = 16

/** How much the verifier is to say: all that it does, or no more than its verdict and its own costs (Linux 5.2). */
const LOG_ALL = 1
const LOG_VERDICT = 4

/** Loads a program; its file descriptor, or a negative error number. */
export function tryLoadProgram(image: ProgramImage, log?: Memory, logLevel: number = LOG_ALL): number {
  const code = memoryOf(image.code)
  const { debug } = image
  return bpf(
    'BPF_PROG_LOAD',
    packStruct(bpf_attr_prog_load, {
      prog_type: bpf_prog_type[image.type],
      expected_attach_type: image.attachType === undefined ? 0 : bpf_attach_type[image.attachType],
      attach_btf_id: image.attachBtfId,
      insn_cnt: code.bytes.byteLength / 8,
      insns: code,
      license: cString(image.license),
      prog_name: objectName(image.name),
      ...(log === undefined ? {} : { log_level: logLevel, log_size: log.bytes.byteLength, log_buf: log }),
      ...(debug === undefined
        ? {}
        : {
            prog_btf_fd: debug.btf,
            func_info_rec_size: FUNCTION_RECORD_SIZE,
            func_info_cnt: debug.functions.byteLength / FUNCTION_RECORD_SIZE,
            func_info: memoryOf(debug.functions),
            line_info_rec_size: LINE_RECORD_SIZE,
            line_info_cnt: debug.lines.byteLength / LINE_RECORD_SIZE,
            line_info: memoryOf(debug.lines),
          }),
    }),
  )
}

/** A name as BPF objects may have: 15 characters, letters, digits and `_` (a dot only since Linux 5.2). */
export function objectName(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, '_').slice(0, 15)
}

const FIRST_LOG_SIZE = 64 << 10
/** What Linux before 5.2 takes at most is one byte less than 16 MiB. */
const LAST_LOG_SIZE = (16 << 20) - 1

/**
 * Loads a program and has the verifier tell what it does: the file descriptor or a negative error number, and the log.
 *
 * A log that is too small fails a valid program (ENOSPC): it is given more room until it fits, or there is no more.
 */
export function loadProgramWithLog(image: ProgramImage): { errno: number; log: string } {
  for (let size = FIRST_LOG_SIZE; ; size = Math.min(size * 16, LAST_LOG_SIZE)) {
    const memory = allocate(size)
    const errno = tryLoadProgram(image, memory)
    if (errno !== -ERRNO.ENOSPC) return { errno, log: textOf(memory) }
    if (size === LAST_LOG_SIZE) return withVerdict(image, textOf(memory))
  }
}

/**
 * A log that does not fit is cut: before Linux 6.4 at its end, where the verdict stands, and the error number says no more
 * than that. So the verdict is asked for alone.
 */
function withVerdict(image: ProgramImage, log: string): { errno: number; log: string } {
  const memory = allocate(FIRST_LOG_SIZE)
  const errno = tryLoadProgram(image, memory, LOG_VERDICT)
  const verdict = textOf(memory)
  if (verdict === '') return errno < 0 ? { errno: -ERRNO.ENOSPC, log } : { errno, log }
  return { errno, log: `${log}\n${verdict}` }
}

/** Text up to its NUL. */
function textOf({ bytes }: Memory): string {
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
}
