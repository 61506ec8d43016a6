/**
 * eBPF for Node: reads BPF object files, relocates them for the running kernel, loads and attaches them, and reads what
 * their programs say. The README shows it at work.
 */

export { decodeInstructions, encodeInstructions, removeInstructions } from './asm/codec.js'
export { foldConstants } from './asm/fold-constants.js'
// Pure: bytes in, values out; any system, no rights.
export { type Instruction, instruction, type Reference } from './asm/instruction.js'
export { printInstruction, printInstructions } from './asm/print.js'
// What lives in the kernel.
export {
  type BoundLoadOptions,
  type BoundObject,
  type BufferOptions,
  bindConstants,
  bindMap,
  bindObject,
  bindPerCpuMap,
  bindRecords,
  type ConstantNames,
  type LoadedObject,
  type MapBinding,
  type MapOptions,
  type ObjectBinding,
} from './bindings/bind-object.js'
export { generateBindings } from './bindings/generate.js'
export { formatIpAddress } from './bindings/ip-address.js'
export * from './bindings/record-fields.js'
export * from './bindings/scalars.js'
export { Btf, describeBtfType } from './btf/btf.js'
export { BtfBuilder } from './btf/btf-builder.js'
export {
  type BtfExt,
  type CoreRelocation,
  type CoreRelocationKind,
  type LineInfo,
  parseBtfExt,
} from './btf/btf-ext.js'
export * from './btf/btf-type.js'
export { layoutText } from './btf/layout-text.js'
export { type BtfSupport, lowerBtf } from './btf/lower-btf.js'
export {
  parseTracepointFormat,
  type TracepointField,
  type TracepointFormat,
  tracepointFormatBtf,
} from './btf/tracefs-format.js'
export { bytesCodec, type Codec, type Decoder, valueCodec } from './btf/value-codec.js'
export type { BatchOptions, RecordBuffer, RecordDecoder, RetainedRecords } from './buffer/record-buffer.js'
export { ringBufferSize } from './buffer/ring-buffer.js'
export type { ElfFile, ElfRelocation, ElfSection, ElfSymbol } from './elf/elf-file.js'
export { parseElf } from './elf/parse-elf.js'
export * from './errors.js'
export { probeBtfSupport } from './features/btf-support.js'
// What this kernel can do.
export { type Feature, has } from './features/feature.js'
export { type HelperCaller, probeHelper } from './features/helpers.js'
export { KERNEL_BTF_PATH, openKernelBtf, readBtfFile, releaseKernelBtf } from './features/kernel-btf.js'
export { probeMapKind, probeReadOnlyMaps } from './features/maps.js'
export { probeMemlockCounted } from './features/memlock.js'
export { openPinnedLink } from './link/bpf-link.js'
export { type Link, type LinkInfo, linkExists } from './link/link.js'
export { BpfMap, PerCpuMap, type UpdateMode } from './map/bpf-map.js'
export { openPinnedMap, openPinnedPerCpuMap, type PinnedMapShape } from './map/pinned-map.js'
export { createStandaloneMap } from './map/standalone-map.js'
export { BpfObject } from './object/bpf-object.js'
export { type LoadOptions, loadObject, type MapOverride } from './object/load-object.js'
export { openPinnedRecords, SharedRecords, type SharedRecordsOptions } from './object/shared-records.js'
export { openPinnedProgram, PinnedProgram } from './program/pinned-program.js'
export { Program } from './program/program.js'
export type { ProgramStatistics } from './program/program-info.js'
export { VerifierError, verifierCause } from './program/verifier-error.js'
export { type AttachTarget, describeAttachTarget, parseAttachTarget } from './spec/attach-target.js'
export { type ConstantValue, constantsOf, setConstant } from './spec/constants.js'
export { type CoreAnswer, type CoreMissing, CoreResolver } from './spec/core-relocation.js'
export { MAP_KINDS, type MapKind } from './spec/map-kind.js'
export type {
  DataSpec,
  FunctionSpec,
  MapSpec,
  ObjectSpec,
  ProgramSpec,
  VariableSpec,
} from './spec/object-spec.js'
export { type PreparedProgram, prepareProgram } from './spec/prepare-program.js'
export { type ReadOptions, readObject } from './spec/read-object.js'

// What of the system goes with it.
export { CAPABILITIES, type Capability, effectiveCapabilities } from './sys/capabilities.js'
export { boottimeNs, monotonicNs, realtimeNs } from './sys/clock.js'
export { DatagramSender } from './sys/datagram-sender.js'
export { errnoName } from './sys/errno.js'
export { type FileLock, type LockRefused, lockFile } from './sys/file-lock.js'
export { type Lockdown, readLockdown } from './sys/lockdown.js'
export { LoopbackSocket } from './sys/loopback.js'
export { type MemlockLimit, memlockLimit } from './sys/memlock.js'
export { isOnBpffs } from './sys/pin.js'
export { Readiness } from './sys/readiness.js'
export { type NoTracefs, openTracefs, type Tracefs } from './sys/tracefs.js'
export { isWritable } from './sys/writable.js'
