import { Argument, Command } from 'commander'
import { TOOLS } from '../probes/tools.js'
import { jsonSchema } from '../sinks/json-schema.js'
import { print } from './standard-streams.js'
import { toolNamed } from './tool-named.js'

/** `hivetap schema`: what a tool's JSON is made of, for programs that read it. */
export function schemaCommand(): Command {
  return new Command('schema')
    .summary("Print the JSON Schema of a tool's output")
    .description('The JSON Schema (draft 2020-12) of a line that a tool writes with -o json.')
    .addArgument(new Argument('<TOOL>', 'its name').choices(TOOLS.map(({ name }) => name)))
    .action(async (name: string) => {
      await print(`${JSON.stringify(jsonSchema(toolNamed(name)), undefined, 2)}\n`)
    })
}
