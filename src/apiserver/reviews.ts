/**
 * Reviews are asked by creating them and stored nowhere. The simulated server lets everybody do everything, and says so.
 * Source: kubernetes/pkg/registry/{authorization,authentication}.
 */
import { deepFreeze } from '#api/clone.ts'
import { userOfToken } from './token-requests.ts'

const REVIEW_PATH = /^\/apis\/(authorization\.k8s\.io|authentication\.k8s\.io)\/v1\/(?:namespaces\/[^/]+\/)?([a-z]+)$/

type Fields = Readonly<Record<string, unknown>>

/** Status of a review, by group and plural. */
const reviews: Readonly<Record<string, { readonly kind: string; readonly status: (spec: Fields) => object }>> = {
  'authorization.k8s.io/selfsubjectaccessreviews': {
    kind: 'SelfSubjectAccessReview',
    status: () => ({ allowed: true }),
  },
  'authorization.k8s.io/subjectaccessreviews': { kind: 'SubjectAccessReview', status: () => ({ allowed: true }) },
  'authorization.k8s.io/localsubjectaccessreviews': {
    kind: 'LocalSubjectAccessReview',
    status: () => ({ allowed: true }),
  },
  'authorization.k8s.io/selfsubjectrulesreviews': {
    kind: 'SelfSubjectRulesReview',
    status: () => ({
      resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
      incomplete: false,
    }),
  },
  'authentication.k8s.io/selfsubjectreviews': {
    kind: 'SelfSubjectReview',
    status: () => ({ userInfo: { username: 'kamera', groups: ['system:masters', 'system:authenticated'] } }),
  },
  'authentication.k8s.io/tokenreviews': {
    kind: 'TokenReview',
    status: ({ token }) => ({
      authenticated: true,
      user: userOfToken(token) ?? { username: 'kamera', groups: ['system:masters', 'system:authenticated'] },
    }),
  },
}

/** Whether a path is one of a review. */
export function isReviewPath(path: string): boolean {
  return reviewOf(path) !== undefined
}

/** The answer to the creation of a review; undefined for another path. */
export function answerReview(path: string, body: unknown): object | undefined {
  const review = reviewOf(path)
  if (review === undefined) return undefined
  const { kind, status, group } = review
  const given = (typeof body === 'object' && body !== null ? body : {}) as Fields
  const spec = (typeof given['spec'] === 'object' && given['spec'] !== null ? given['spec'] : {}) as Fields
  return deepFreeze({
    kind,
    apiVersion: `${group}/v1`,
    metadata: { creationTimestamp: null },
    spec,
    status: status(spec),
  })
}

function reviewOf(path: string) {
  const match = REVIEW_PATH.exec(path)
  if (match === null) return undefined
  const key = `${match[1]}/${match[2]}`
  return Object.hasOwn(reviews, key)
    ? { group: match[1] as string, ...(reviews[key] as (typeof reviews)[string]) }
    : undefined
}
