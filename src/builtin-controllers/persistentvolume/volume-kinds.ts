/**
 * Claims, volumes and classes as the storage controllers read and write them.
 * Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/,
 * https://kubernetes.io/docs/reference/labels-annotations-taints/
 */
import type { TypeReference } from '#api/object.ts'
import type { LabelSelector } from '#api/selectors.ts'
import type { Reader } from '#controller/client.ts'
import { type PersistentVolumeClaim, type Pod, persistentVolumeClaimType, type StoredObject } from '../kinds.ts'

export const persistentVolumeType: TypeReference = { apiVersion: 'v1', kind: 'PersistentVolume' }
export const storageClassType: TypeReference = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass' }

export const bindCompleted = 'pv.kubernetes.io/bind-completed'
export const boundByController = 'pv.kubernetes.io/bound-by-controller'
export const provisionedBy = 'pv.kubernetes.io/provisioned-by'
export const storageProvisioner = 'volume.kubernetes.io/storage-provisioner'
export const selectedNode = 'volume.kubernetes.io/selected-node'
const defaultClass = 'storageclass.kubernetes.io/is-default-class'

/** The provisioner of classes whose volumes are made by hand. */
const noProvisioner = 'kubernetes.io/no-provisioner'

export interface Claim extends PersistentVolumeClaim {
  readonly spec?: PersistentVolumeClaim['spec'] & {
    readonly storageClassName?: string
    readonly volumeName?: string
    readonly volumeMode?: string
    readonly selector?: LabelSelector
  }
}

export interface ClaimReference {
  readonly apiVersion?: string
  readonly kind?: string
  readonly namespace: string
  readonly name: string
  readonly uid?: string
}

export type VolumePhase = 'Pending' | 'Available' | 'Bound' | 'Released' | 'Failed'

export interface Volume extends StoredObject {
  readonly spec: {
    readonly capacity?: Readonly<Record<string, string>>
    readonly accessModes?: readonly string[]
    readonly storageClassName?: string
    readonly volumeMode?: string
    readonly persistentVolumeReclaimPolicy?: 'Retain' | 'Delete' | 'Recycle'
    readonly claimRef?: ClaimReference
    readonly [source: string]: unknown
  }
  readonly status?: { readonly phase?: VolumePhase }
}

export interface StorageClass extends StoredObject {
  readonly provisioner: string
  readonly reclaimPolicy?: 'Retain' | 'Delete'
  readonly volumeBindingMode?: 'Immediate' | 'WaitForFirstConsumer'
}

/** The class of a claim: the one that it names, else the newest that is marked as the default. */
export async function classOf(claim: Claim, reader: Reader): Promise<StorageClass | undefined> {
  const name = claim.spec?.storageClassName
  if (name === '') return undefined
  if (name !== undefined) return reader.tryGet<StorageClass>(storageClassType, { name })
  const classes = await reader.list<StorageClass>(storageClassType)
  const defaults = classes.filter(({ metadata }) => metadata.annotations?.[defaultClass] === 'true')
  return defaults.sort(newestFirst)[0]
}

function newestFirst({ metadata: left }: StorageClass, { metadata: right }: StorageClass): number {
  const [a = '', b = ''] = [left.creationTimestamp, right.creationTimestamp]
  return a === b ? (left.name < right.name ? -1 : 1) : a < b ? 1 : -1
}

export function waitsForConsumer(found: StorageClass | undefined): boolean {
  return found?.volumeBindingMode === 'WaitForFirstConsumer'
}

export function provisions(found: StorageClass | undefined): found is StorageClass {
  return found !== undefined && found.provisioner !== noProvisioner
}

export function isFor(volume: Volume, claim: Claim): boolean {
  const { claimRef } = volume.spec
  return (
    claimRef?.name === claim.metadata.name &&
    claimRef.namespace === claim.metadata.namespace &&
    (claimRef.uid === undefined || claimRef.uid === '' || claimRef.uid === claim.metadata.uid)
  )
}

/** The names of the claims that a pod mounts. */
export function claimNamesOf({ spec }: Pod): readonly string[] {
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim === undefined ? [] : [persistentVolumeClaim.claimName],
  )
}

/** Requests of all claims that no volume is bound to. */
export async function unboundClaims(reader: Reader): Promise<{ readonly namespace: string; readonly name: string }[]> {
  const claims = await reader.list<Claim>(persistentVolumeClaimType)
  return claims
    .filter(({ status }) => status?.phase !== 'Bound')
    .map(({ metadata: { namespace = '', name } }) => ({ namespace, name }))
}
