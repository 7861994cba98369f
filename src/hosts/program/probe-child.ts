/** A child for trying things out, which are of no account: undefined where it does not come up. */
import { Child, isEnding } from './child.ts'
import { type ChildOptions, START_LIMIT_MS, startMessage } from './start-message.ts'

/** `nowMs` of the options is its clock. */
export async function startProbeChild(options: ChildOptions, instances: 'fresh' | 'kept'): Promise<Child | undefined> {
  const child = new Child(options.program, options.command, options.directory)
  const hello = await child.receive(START_LIMIT_MS)
  if (isEnding(hello) || hello.type !== 'hello') return abandon(child)
  child.send({ ...startMessage(options), instances })
  const told = await child.receive(START_LIMIT_MS)
  return isEnding(told) || told.type !== 'controllers' ? abandon(child) : child
}

async function abandon(child: Child): Promise<undefined> {
  await child.close()
}
