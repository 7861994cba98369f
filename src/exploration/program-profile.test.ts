import { expect, it } from 'vitest'
import type { ProgramHost } from '#hosts/program/program-host.ts'
import { profileOfPrograms } from './program-profile.ts'

const program = (version: string) => ({ versions: { 'k8s.io/client-go': version } }) as unknown as ProgramHost

it('is that of the oldest client-go', () => {
  expect(profileOfPrograms({ programs: [] })).toBe('lagging')
  expect(profileOfPrograms({ programs: [program('v0.37.0')] })).toBe('lagging')
  expect(profileOfPrograms({ programs: [program('v0.35.1')] })).toBe('lagging')
  expect(profileOfPrograms({ programs: [program('v0.37.0'), program('v0.34.1')] })).toBe('legacy-restart')
  expect(profileOfPrograms({ programs: [program('(devel)')] })).toBe('lagging')
})
