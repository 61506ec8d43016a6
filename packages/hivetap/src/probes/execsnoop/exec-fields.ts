import { errnoName } from '@hivetap/bpf'
import { fieldsOf } from '../fields.js'
import type { Field } from '../tool.js'
import { filenameOf, interpreterOf, pathOf } from './command-line.js'
import { type ExecEvent, execEventFields } from './execsnoop.bpf.js'

/** Members of the struct that others are made of. */
const PARTS = ['directory_fd', 'kind', 'filename', 'cwd', 'cwd_known']

/** The error that exec ended with; `undefined` if it succeeded. */
export function errorOf({ returnValue }: Pick<ExecEvent, 'returnValue'>): string | undefined {
  return returnValue === 0 ? undefined : errnoName(-returnValue)
}

/** The fields of an exec: those of the C struct, and what is made of them. */
export const execFields: readonly Field<ExecEvent>[] = [
  ...fieldsOf<ExecEvent>(execEventFields).filter(({ name }) => !PARTS.includes(name)),
  {
    name: 'error',
    doc: 'The name of that error',
    type: 'string',
    value: errorOf,
  },
  {
    name: 'filename',
    doc: 'The file, as it was asked for; one named by a descriptor as /dev/fd/N',
    type: 'string',
    value: (event) => filenameOf(event) || undefined,
  },
  {
    name: 'interpreter',
    doc: 'Of a script: the interpreter that the kernel started',
    type: 'string',
    value: interpreterOf,
  },
  {
    name: 'cwd',
    doc: 'Working directory, with -w',
    type: 'string',
    value: ({ cwd, cwdKnown }) => (cwdKnown ? pathOf(cwd) : undefined),
  },
]
