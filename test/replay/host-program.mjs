// A controller by docs/host-protocol.md: gives every Sheet a Page whose colour is the first argument, and a Secret.
import { createInterface } from 'node:readline'

const [color] = process.argv.slice(2)
const sheet = { apiVersion: 'example.com/v1', kind: 'Sheet' }
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const hear = async () => {
  const { done, value } = await lines.next()
  return done ? process.exit() : JSON.parse(value)
}
const call = async (asked) => {
  say({ type: 'call', call: asked })
  return hear()
}

async function reconcile({ namespace, name }) {
  const { object } = await call({ op: 'get', cached: true, type: sheet, namespace, name })
  if (object === undefined) return
  for (const [kind, content] of [
    ['Page', { color }],
    ['Secret', { stringData: { key: color } }],
  ]) {
    const type = { apiVersion: kind === 'Page' ? 'example.com/v1' : 'v1', kind }
    await call({ op: 'create', type, namespace, body: { ...type, metadata: { name, namespace }, ...content } })
  }
}

say({ type: 'hello', protocol: 1, language: 'javascript' })
for (;;) {
  const message = await hear()
  if (message.type === 'start')
    say({ type: 'controllers', controllers: [{ name: 'pages', for: sheet, watches: [sheet] }] })
  else if (message.type === 'deliver') {
    const { namespace, name } = message.event.object.metadata
    say({ type: 'requests', requests: [{ namespace, name }] })
  } else {
    await reconcile(message.request)
    say({ type: 'done', result: {} })
  }
}
