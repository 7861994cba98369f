/** Answers cut down to their metadata (`as=PartialObjectMetadata`). */
import type { KubernetesObject } from '#api/object.ts'

/** Kind, apiVersion and metadata of an object. */
export function partialMetadata({ metadata }: KubernetesObject): KubernetesObject {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
}
