/**
 * Binds claims to PersistentVolumes, and says what becomes of volumes whose claims are gone. A binding takes four
 * writes, each of which may be the last one before a crash: the volume's reference to the claim, its phase, the
 * claim's reference to the volume, its phase. Whoever comes next goes on from there.
 *
 * Source: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#lifecycle-of-a-volume-and-claim,
 * kubernetes/pkg/controller/volume/persistentvolume/pv_controller.go
 * Left out: the reclaim policy Recycle, resizing, writing the default class into a claim, the resync every 15 s (a
 * claim that waits is looked at when a volume or a class comes).
 */
import type { ReconcileRequest, Reconciler, ReconcilerTools } from '#controller/controller.ts'
import { persistentVolumeClaimType } from '../kinds.ts'
import {
  bindCompleted,
  boundByController,
  type Claim,
  classOf,
  isFor,
  persistentVolumeType,
  provisionedBy,
  provisions,
  selectedNode,
  storageClassType,
  storageProvisioner,
  type Volume,
  type VolumePhase,
  waitsForConsumer,
} from './volume-kinds.ts'
import { bestVolume } from './volume-match.ts'

export class VolumeBinder implements Reconciler {
  private readonly tools: ReconcilerTools

  constructor(tools: ReconcilerTools) {
    this.tools = tools
  }

  /** Requests without a namespace are volumes. */
  async reconcile(request: ReconcileRequest): Promise<void> {
    const { client } = this.tools
    const { namespace = '', name } = request
    if (namespace === '') {
      const volume = await client.tryGet<Volume>(persistentVolumeType, { name })
      if (volume !== undefined) await this.syncVolume(volume)
      return
    }
    const claim = await client.tryGet<Claim>(persistentVolumeClaimType, request)
    if (claim === undefined) return
    if (claim.metadata.annotations?.[bindCompleted] !== undefined) await this.syncBound(claim)
    else if (claim.metadata.deletionTimestamp === undefined && claim.status?.phase !== 'Bound')
      await this.syncUnbound(claim)
  }

  private async syncUnbound(claim: Claim): Promise<void> {
    const { client } = this.tools
    const volumeName = claim.spec?.volumeName ?? ''
    if (volumeName !== '') {
      const volume = await client.tryGet<Volume>(persistentVolumeType, { name: volumeName })
      if (volume !== undefined && (volume.spec.claimRef === undefined || isFor(volume, claim)))
        await this.bind(volume, claim)
      return
    }
    const found = await classOf(claim, client)
    const volumes = await client.list<Volume>(persistentVolumeType)
    const isChosen = claim.metadata.annotations?.[selectedNode] !== undefined
    const waits = waitsForConsumer(found) && !isChosen
    const className = claim.spec?.storageClassName ?? found?.metadata.name ?? ''
    const candidates = waits ? volumes.filter((volume) => isFor(volume, claim)) : volumes
    const volume = bestVolume(claim, className, candidates)
    if (volume !== undefined) return this.bind(volume, claim)
    if (waits) return
    if (provisions(found)) return this.askForVolume(claim, found.provisioner)
    if (volumes.length === 0 && (await client.list(storageClassType)).length === 0) await this.bindWithoutVolume(claim)
  }

  /** A cluster that knows neither volumes nor classes has some storage of which nothing is to be seen. */
  private async bindWithoutVolume(claim: Claim): Promise<void> {
    const { accessModes = [], resources } = claim.spec ?? {}
    const status = { ...claim.status, phase: 'Bound', accessModes, capacity: resources?.requests ?? {} }
    await this.tools.client.status().update({ ...claim, status })
  }

  /** From here on it is the provisioner's. */
  private async askForVolume(claim: Claim, provisioner: string): Promise<void> {
    if (claim.metadata.annotations?.[storageProvisioner] === provisioner) return
    const annotations = { ...claim.metadata.annotations, [storageProvisioner]: provisioner }
    await this.tools.client.update({ ...claim, metadata: { ...claim.metadata, annotations } })
  }

  private async syncBound(claim: Claim): Promise<void> {
    const name = claim.spec?.volumeName ?? ''
    const volume = name === '' ? undefined : await this.tools.client.tryGet<Volume>(persistentVolumeType, { name })
    if (volume !== undefined && (volume.spec.claimRef === undefined || isFor(volume, claim)))
      return this.bind(volume, claim)
    if (claim.status?.phase === 'Lost') return
    await this.tools.client.status().update({ ...claim, status: { ...claim.status, phase: 'Lost' } })
  }

  private async bind(volume: Volume, claim: Claim): Promise<void> {
    await this.setPhase(await this.pointToClaim(volume, claim), 'Bound')
    const pointed = await this.pointToVolume(claim, volume.metadata.name)
    if (pointed.status?.phase === 'Bound') return
    const { accessModes = [], capacity = {} } = volume.spec
    const status = { ...pointed.status, phase: 'Bound', accessModes, capacity }
    await this.tools.client.status().update({ ...pointed, status })
  }

  private async pointToClaim(volume: Volume, claim: Claim): Promise<Volume> {
    const { namespace = '', name, uid } = claim.metadata
    if (volume.spec.claimRef?.uid === uid) return volume
    const annotations =
      volume.spec.claimRef === undefined
        ? { annotations: { ...volume.metadata.annotations, [boundByController]: 'yes' } }
        : {}
    return this.tools.client.update<Volume>({
      ...volume,
      metadata: { ...volume.metadata, ...annotations },
      spec: { ...volume.spec, claimRef: { ...persistentVolumeClaimType, namespace, name, uid } },
    })
  }

  private async pointToVolume(claim: Claim, volumeName: string): Promise<Claim> {
    const { annotations = {} } = claim.metadata
    if (claim.spec?.volumeName === volumeName && annotations[bindCompleted] !== undefined) return claim
    const byController = (claim.spec?.volumeName ?? '') === '' ? { [boundByController]: 'yes' } : {}
    return this.tools.client.update<Claim>({
      ...claim,
      metadata: { ...claim.metadata, annotations: { ...annotations, ...byController, [bindCompleted]: 'yes' } },
      spec: { ...claim.spec, volumeName },
    })
  }

  private async syncVolume(volume: Volume): Promise<void> {
    const { claimRef } = volume.spec
    if (claimRef?.uid === undefined || claimRef.uid === '') {
      if (volume.status?.phase !== 'Available') await this.setPhase(volume, 'Available')
      return
    }
    const claim = await this.claimOf(claimRef)
    if (claim === undefined) {
      if (volume.status?.phase !== 'Failed') await this.setPhase(volume, 'Released')
      return
    }
    const bound = claim.spec?.volumeName ?? ''
    if (bound === volume.metadata.name) await this.setPhase(volume, 'Bound')
    else if (bound !== '') await this.giveUp(volume)
  }

  /** The claim that a volume belongs to; a cache that does not show it is not believed. */
  private async claimOf({ namespace, name, uid }: NonNullable<Volume['spec']['claimRef']>): Promise<Claim | undefined> {
    const seen = await this.tools.client.tryGet<Claim>(persistentVolumeClaimType, { namespace, name })
    if (seen?.metadata.uid === uid) return seen
    const live = await this.tools.apiReader.tryGet<Claim>(persistentVolumeClaimType, { namespace, name })
    return live?.metadata.uid === uid ? live : undefined
  }

  /** The claim has another volume: one that was made for it goes, one that was taken is free again. */
  private async giveUp(volume: Volume): Promise<void> {
    const { [boundByController]: taken, ...annotations } = volume.metadata.annotations ?? {}
    if (annotations[provisionedBy] !== undefined && volume.spec.persistentVolumeReclaimPolicy === 'Delete')
      return this.setPhase(volume, 'Released')
    if (taken === undefined) return
    const { claimRef: _claim, ...spec } = volume.spec
    const freed = await this.tools.client.update<Volume>({
      ...volume,
      metadata: { ...volume.metadata, annotations },
      spec,
    })
    await this.setPhase(freed, 'Available')
  }

  private async setPhase(volume: Volume, phase: VolumePhase): Promise<void> {
    if (volume.status?.phase === phase) return
    await this.tools.client.status().update({ ...volume, status: { ...volume.status, phase } })
  }
}
