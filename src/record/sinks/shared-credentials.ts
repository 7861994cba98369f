/** Credentials of object stores, from where other programs have theirs. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AccessKey } from './signature-v4.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The variables `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`; else a profile (`AWS_PROFILE`,
 * default `default`) of the file `AWS_SHARED_CREDENTIALS_FILE`, default `~/.aws/credentials`. Roles are not taken, and
 * no program or machine is asked. Source: docs.aws.amazon.com/sdkref, "Shared config and credentials files".
 *
 * @throws Error where there are none; it holds no credentials
 */
export function accessKeyOf(environment: Environment): AccessKey {
  const {
    AWS_ACCESS_KEY_ID: id,
    AWS_SECRET_ACCESS_KEY: secret,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_PROFILE: profile,
  } = environment
  if (id && secret) return { id, secret, ...(sessionToken ? { sessionToken } : {}) }
  const file = fileOf(environment)
  const text = file === undefined ? undefined : textOf(file)
  if (text === undefined) {
    const looked = file === undefined ? '' : ` (there is no ${file})`
    throw new Error(
      `an object store needs credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE${looked}`,
    )
  }
  const name = profile || 'default'
  const found = profileIn(text, name)
  if (found === undefined) throw new Error(`${file} has no profile ${name}: name another one in AWS_PROFILE`)
  const { aws_access_key_id: ownId, aws_secret_access_key: ownSecret, aws_session_token: ownToken } = found
  if (!ownId || !ownSecret)
    throw new Error(
      `profile ${name} of ${file} has no aws_access_key_id and aws_secret_access_key; roles and programs are not asked`,
    )
  return { id: ownId, secret: ownSecret, ...(ownToken ? { sessionToken: ownToken } : {}) }
}

function fileOf({ AWS_SHARED_CREDENTIALS_FILE: file, HOME, USERPROFILE }: Environment): string | undefined {
  const home = HOME || USERPROFILE
  if (file) return file.startsWith('~/') && home ? join(home, file.slice(2)) : file
  return home ? join(home, '.aws', 'credentials') : undefined
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** Its settings; a profile that comes twice is one. */
function profileIn(text: string, name: string): Readonly<Record<string, string>> | undefined {
  let found: Record<string, string> | undefined
  let isHere = false
  for (const line of text.split(/\r?\n/)) {
    const [, section] = /^\s*\[\s*(.*?)\s*\]/.exec(line) ?? []
    if (section !== undefined) {
      isHere = section === name
      if (isHere) found ??= {}
      continue
    }
    const [, key, value] = /^([A-Za-z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    if (isHere && found !== undefined && key !== undefined && value !== undefined) found[key.toLowerCase()] = value
  }
  return found
}
