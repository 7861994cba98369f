import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { accessKeyOf } from './shared-credentials.ts'

const home = mkdtempSync(join(tmpdir(), 'kamera-credentials-'))
mkdirSync(join(home, '.aws'))
const file = join(home, '.aws', 'credentials')
writeFileSync(
  file,
  [
    '# of this machine',
    '[default]',
    'aws_access_key_id = one',
    'aws_secret_access_key=s=1',
    '',
    '[ ci ]\r',
    'AWS_ACCESS_KEY_ID = two\r',
    'aws_secret_access_key = s2\r',
    'aws_session_token = t2\r',
    '[role]',
    'role_arn = arn:aws:iam::1:role/a',
    'source_profile = default',
  ].join('\n'),
)

it('takes the variables first, then the profile that is named, then the default one', () => {
  const variables = { AWS_ACCESS_KEY_ID: 'own', AWS_SECRET_ACCESS_KEY: 'secret' }
  expect(accessKeyOf({ ...variables, HOME: home, AWS_PROFILE: 'ci' })).toEqual({ id: 'own', secret: 'secret' })
  expect(accessKeyOf({ HOME: home })).toEqual({ id: 'one', secret: 's=1' })
  expect(accessKeyOf({ HOME: home, AWS_PROFILE: 'ci' })).toEqual({ id: 'two', secret: 's2', sessionToken: 't2' })
  expect(accessKeyOf({ AWS_SHARED_CREDENTIALS_FILE: file })).toEqual({ id: 'one', secret: 's=1' })
  expect(accessKeyOf({ AWS_SHARED_CREDENTIALS_FILE: '~/.aws/credentials', HOME: home })).toMatchObject({ id: 'one' })
})

it('says what is missing, without what is secret', () => {
  expect(() => accessKeyOf({})).toThrow('set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE')
  expect(() => accessKeyOf({ HOME: '/nowhere' })).toThrow('(there is no /nowhere/.aws/credentials)')
  expect(() => accessKeyOf({ HOME: home, AWS_PROFILE: 'other' })).toThrow(`${file} has no profile other`)
  expect(() => accessKeyOf({ HOME: home, AWS_PROFILE: 'role' })).toThrow(
    /^profile role of \S+ has no aws_access_key_id/,
  )
})
