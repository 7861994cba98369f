import { expect, test } from 'vitest'
import { podUsage } from './pod-usage.ts'

const ONE = 1_000_000_000n
const container = (cpu: string, restartPolicy?: string) => ({
  ...(restartPolicy === undefined ? {} : { restartPolicy }),
  resources: { requests: { cpu }, limits: { cpu } },
})

test('takes the greater of the sum of containers and of the greatest init container', () => {
  const containers = [container('1'), container('2')]
  expect(podUsage({ containers }, 'requests', 'cpu')).toBe(3n * ONE)
  expect(podUsage({ containers, initContainers: [container('2'), container('2')] }, 'requests', 'cpu')).toBe(3n * ONE)
  expect(podUsage({ containers, initContainers: [container('5'), container('1')] }, 'limits', 'cpu')).toBe(5n * ONE)
  expect(podUsage({ containers, initContainers: [container('5')] }, 'requests', 'memory')).toBeUndefined()
})

test('counts init containers that restart always beside the containers and beside the init containers after them', () => {
  const initContainers = [container('1', 'Always'), container('4')]
  expect(podUsage({ containers: [container('1')], initContainers }, 'requests', 'cpu')).toBe(5n * ONE)
  expect(podUsage({ containers: [container('7')], initContainers }, 'requests', 'cpu')).toBe(8n * ONE)
  const late = [container('4'), container('1', 'Always')]
  expect(podUsage({ containers: [container('1')], initContainers: late }, 'requests', 'cpu')).toBe(4n * ONE)
})

test('adds overhead to requests, and to limits where there are any', () => {
  const overhead = { cpu: '500m' }
  expect(podUsage({ containers: [{}], overhead }, 'requests', 'cpu')).toBe(ONE / 2n)
  expect(podUsage({ containers: [{}], overhead }, 'limits', 'cpu')).toBeUndefined()
  expect(podUsage({ containers: [container('1')], overhead }, 'limits', 'cpu')).toBe((ONE * 3n) / 2n)
})
