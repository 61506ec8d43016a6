import { InvalidArgumentError } from 'commander'
import type { AnyTool } from '../probes/tool.js'
import { TOOLS } from '../probes/tools.js'

/** @throws {InvalidArgumentError} if there is none of that name */
export function toolNamed(name: string): AnyTool {
  const tool = TOOLS.find((one) => one.name === name)
  if (tool === undefined)
    throw new InvalidArgumentError(
      `there is no tool ${JSON.stringify(name)}; there are ${TOOLS.map((one) => one.name).join(', ')}`,
    )
  return tool
}
