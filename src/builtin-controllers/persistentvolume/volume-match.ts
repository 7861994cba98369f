/**
 * Which volume a claim gets: one that is kept for it, else the smallest that is free and fits.
 * Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding,
 * kubernetes/pkg/controller/volume/persistentvolume/index.go (findBestMatchForClaim)
 */
import { compileLabelSelector } from '#api/selectors.ts'
import { parseQuantity } from '#api/structural-schema/quantity.ts'
import { type Claim, isFor, type Volume } from './volume-kinds.ts'

export function bestVolume(claim: Claim, className: string, volumes: readonly Volume[]): Volume | undefined {
  const kept = volumes.find((volume) => isFor(volume, claim) && volume.metadata.deletionTimestamp === undefined)
  if (kept !== undefined) return kept
  return volumes
    .filter((volume) => fits(volume, claim, className))
    .sort((left, right) => {
      const [a, b] = [sizeOf(left.spec.capacity), sizeOf(right.spec.capacity)]
      return a === b ? (left.metadata.name < right.metadata.name ? -1 : 1) : a < b ? -1 : 1
    })[0]
}

function fits({ metadata, spec, status, ...volume }: Volume, claim: Claim, className: string): boolean {
  const { accessModes = [], resources, selector, volumeMode = 'Filesystem' } = claim.spec ?? {}
  return (
    spec.claimRef === undefined &&
    status?.phase === 'Available' &&
    metadata.deletionTimestamp === undefined &&
    (spec.storageClassName ?? '') === className &&
    (spec.volumeMode ?? 'Filesystem') === volumeMode &&
    accessModes.every((mode) => spec.accessModes?.includes(mode)) &&
    (selector === undefined || compileLabelSelector(selector)({ ...volume, metadata })) &&
    sizeOf(spec.capacity) >= sizeOf(resources?.requests)
  )
}

function sizeOf(resources: Readonly<Record<string, string>> | undefined): bigint {
  return parseQuantity(String(resources?.['storage'] ?? '0')) ?? 0n
}
