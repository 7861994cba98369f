import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeProtobuf, ProtobufError } from './decode.ts'

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))

/** Sent by kubectl 1.32 for `create deployment web --image=nginx:1 --replicas=0 --port=80`. */
const DEPLOYMENT =
  'azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50EroBCh8KA3dlYhIAGgAiACoAMgA4AEIAWgoKA2FwcBIDd2ViEogBCAASDAoKCgNhcHASA3dlYhpuChwKABIAGgAiACoAMgA4AEIAWgoKA2FwcBIDd2ViEk4SMAoFbmdpbngSB25naW54OjEqADIKCgAQABhQIgAqAEIAagByAIABAIgBAJABAKIBABoAMgBCAEoAUgBYAGAAaACCAQCKAQCaAQDCAQAiAgoAKAA4ABoMCAAQABgAIAAoADgAGgAiAA=='
/** Sent by kubectl 1.32 for `create secret generic s --from-literal=a=b`. */
const SECRET = 'azhzAAoMCgJ2MRIGU2VjcmV0Eh0KEQoBcxIAGgAiACoAMgA4AEIAEgYKAWESAWIaABoAIgA='

describe('decodeProtobuf', () => {
  it('reads what kubectl sends, without what Go sends of values that are not set', () => {
    expect(decodeProtobuf(bytesOf(DEPLOYMENT))).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: {
        replicas: 0,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'nginx', image: 'nginx:1', ports: [{ containerPort: 80 }] }] },
        },
      },
    })
  })

  it('gives bytes in base64, as JSON has them', () => {
    expect(decodeProtobuf(bytesOf(SECRET))).toMatchObject({ metadata: { name: 's' }, data: { a: btoa('b') } })
  })

  it('names a kind that has no such form', () => {
    const text = atob(SECRET).replace('Secret', 'Secrex')
    expect(() => decodeProtobuf(Uint8Array.from(text, (character) => character.charCodeAt(0)))).toThrow(
      'no kind Secrex in v1 has a protobuf form: send JSON',
    )
  })

  it('refuses any other bytes, cut or changed, and never fails otherwise', () => {
    const valid = bytesOf(DEPLOYMENT)
    fc.assert(
      fc.property(
        fc.nat(valid.length),
        fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 8 }),
        (cut, changes) => {
          const bytes = valid.slice(0, cut === 0 ? valid.length : cut)
          for (const [place, byte] of changes) if (place < bytes.length) bytes[place] = byte
          try {
            decodeProtobuf(bytes)
          } catch (error) {
            expect(error).toBeInstanceOf(ProtobufError)
          }
        },
      ),
      { numRuns: 2000, seed: 1 },
    )
  })
})
