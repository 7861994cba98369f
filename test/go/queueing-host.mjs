/**
 * A program that takes steps while one is under way, or does not (QUEUES=no). Each of its reconciles writes twice. Two
 * controllers: the mapping functions of one only look at the event, those of the other also read (READS=yes). Into the
 * file SEEN goes a letter for each step that waited; with ENDS=yes the process ends when it comes to the third of them.
 */
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const { QUEUES, READS, ENDS, SEEN } = process.env
const type = { apiVersion: 'v1', kind: 'ConfigMap' }
const namespace = 'default'
const waiting = []
let ended = 0

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

async function receive() {
  const { value, done } = await lines.next()
  if (done) process.exit()
  return JSON.parse(value)
}

function send(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

async function call(fields) {
  send({ type: 'call', call: { type, namespace, ...fields } })
  for (;;) {
    const message = await receive()
    if (message.type === 'reply') return message
    waiting.push(message)
    appendFileSync(SEEN, 'w')
  }
}

async function next() {
  const step = waiting.shift()
  if (step === undefined) return receive()
  if (ENDS === 'yes' && ++ended === 3) process.exit(1)
  return step
}

async function deliver({ event, controller }) {
  const name = event.object.metadata.name.replace('-copy', '')
  if (controller === 'reader' && READS === 'yes') {
    const { items } = await call({ op: 'list', cached: true })
    if (items === undefined) return [{ namespace, name: 'refused' }]
    const names = items.map(({ metadata }) => metadata.name).filter((other) => !other.endsWith('-copy'))
    return names.sort().map((other) => ({ namespace, name: other }))
  }
  return [{ namespace, name }]
}

async function copy(name) {
  const { object: source } = await call({ op: 'get', cached: true, name })
  if (source === undefined || source.metadata.labels?.seen === 'yes') return
  await call({
    op: 'create',
    name: `${name}-copy`,
    body: { ...type, metadata: { namespace, name: `${name}-copy`, labels: { seen: 'yes' } } },
  })
  await call({ op: 'update', name, body: { ...source, metadata: { ...source.metadata, labels: { seen: 'yes' } } } })
}

async function count(name) {
  const { items = [] } = await call({ op: 'list', cached: true })
  const { object } = await call({ op: 'get', cached: true, name })
  const data = { count: String(items.length) }
  if (object === undefined || object.data?.count === data.count) return
  await call({ op: 'update', name, body: { ...object, data } })
}

send({ type: 'hello', protocol: 1, language: 'javascript', queuesSteps: QUEUES !== 'no' })
for (;;) {
  const step = await next()
  if (step.type === 'start') {
    send({
      type: 'controllers',
      controllers: ['copier', 'reader'].map((name) => ({ name, for: type, watches: [type] })),
    })
  } else if (step.type === 'deliver') {
    send({ type: 'requests', requests: await deliver(step) })
  } else {
    await (step.controller === 'copier' ? copy : count)(step.request.name)
    send({ type: 'done', result: {} })
  }
}
