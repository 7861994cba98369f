/** The objects that make an ensemble, as they should be. */
import type { KubernetesObject } from 'kamera'
import {
  clientServiceName,
  configMapName,
  configMapType,
  headlessServiceName,
  labelsOf,
  ports,
  replicasWanted,
  serviceType,
  statefulSetType,
  type ZookeeperCluster,
} from './zookeeper-cluster.ts'

const clientPort = { name: 'tcp-client', port: ports.client, targetPort: ports.client, protocol: 'TCP' }

export function configMapFor(cluster: ZookeeperCluster): KubernetesObject {
  return {
    ...configMapType,
    metadata: metadataFor(cluster, configMapName(cluster)),
    data: { 'zoo.cfg': zooConfig(cluster), 'env.sh': environment(cluster), 'logback.xml': logback },
  }
}

/** Gives each member a stable address; members that are not ready need theirs too, to find the quorum. */
export function headlessServiceFor(cluster: ZookeeperCluster): KubernetesObject {
  return {
    ...serviceType,
    metadata: metadataFor(cluster, headlessServiceName(cluster)),
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: { app: cluster.metadata.name },
      ports: [
        clientPort,
        { name: 'tcp-quorum', port: ports.quorum, targetPort: ports.quorum, protocol: 'TCP' },
        { name: 'tcp-leader-election', port: ports.leaderElection, targetPort: ports.leaderElection, protocol: 'TCP' },
        { name: 'tcp-metrics', port: ports.metrics, targetPort: ports.metrics, protocol: 'TCP' },
        { name: 'tcp-admin-server', port: ports.admin, targetPort: ports.admin, protocol: 'TCP' },
      ],
    },
  }
}

export function clientServiceFor(cluster: ZookeeperCluster): KubernetesObject {
  return {
    ...serviceType,
    metadata: metadataFor(cluster, clientServiceName(cluster)),
    spec: { type: 'ClusterIP', selector: { app: cluster.metadata.name }, ports: [clientPort] },
  }
}

export function statefulSetFor(cluster: ZookeeperCluster): KubernetesObject {
  const { persistence } = cluster.spec
  return {
    ...statefulSetType,
    metadata: metadataFor(cluster, cluster.metadata.name),
    spec: {
      replicas: replicasWanted(cluster),
      serviceName: headlessServiceName(cluster),
      selector: { matchLabels: { app: cluster.metadata.name } },
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { type: 'RollingUpdate' },
      template: podTemplateFor(cluster),
      volumeClaimTemplates: [
        {
          metadata: { name: 'data', labels: labelsOf(cluster) },
          spec: {
            accessModes: ['ReadWriteOnce'],
            ...(persistence?.storageClassName === undefined ? {} : { storageClassName: persistence.storageClassName }),
            resources: { requests: { storage: persistence?.storage ?? '20Gi' } },
          },
        },
      ],
    },
  }
}

function podTemplateFor(cluster: ZookeeperCluster): object {
  const { image, labels, pod } = cluster.spec
  return {
    metadata: {
      labels: { ...labels, ...labelsOf(cluster), kind: 'ZookeeperMember' },
      ...(pod?.annotations === undefined ? {} : { annotations: pod.annotations }),
    },
    spec: {
      serviceAccountName: pod?.serviceAccountName ?? 'default',
      terminationGracePeriodSeconds: pod?.terminationGracePeriodSeconds ?? 30,
      containers: [
        {
          name: 'zookeeper',
          image: `${image?.repository ?? 'pravega/zookeeper'}:${image?.tag ?? 'latest'}`,
          imagePullPolicy: image?.pullPolicy ?? 'IfNotPresent',
          command: ['/usr/local/bin/zookeeperStart.sh'],
          ports: Object.entries(ports).map(([name, containerPort]) => ({ name: kebab(name), containerPort })),
          env: [{ name: 'ENVOY_SIDECAR_STATUS', value: 'false' }],
          readinessProbe: probe('zookeeperReady.sh', 10),
          livenessProbe: probe('zookeeperLive.sh', 10),
          lifecycle: { preStop: { exec: { command: ['zookeeperTeardown.sh'] } } },
          volumeMounts: [
            { name: 'data', mountPath: '/data' },
            { name: 'conf', mountPath: '/conf' },
          ],
          ...(pod?.resources === undefined ? {} : { resources: pod.resources }),
        },
      ],
      volumes: [{ name: 'conf', configMap: { name: configMapName(cluster) } }],
    },
  }
}

function metadataFor(cluster: ZookeeperCluster, name: string): KubernetesObject['metadata'] {
  const { apiVersion, kind, metadata } = cluster
  return {
    name,
    namespace: metadata.namespace,
    labels: labelsOf(cluster),
    ownerReferences: [
      { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true },
    ],
  }
}

function probe(script: string, periodSeconds: number): object {
  return {
    exec: { command: [script] },
    initialDelaySeconds: 10,
    periodSeconds,
    timeoutSeconds: 10,
    failureThreshold: 3,
  }
}

function zooConfig(cluster: ZookeeperCluster): string {
  const {
    tickTime = 2000,
    initLimit = 10,
    syncLimit = 2,
    quorumListenOnAllIPs = false,
    additionalConfig = {},
  } = cluster.spec.config ?? {}
  const settings = {
    '4lw.commands.whitelist': 'cons, envi, conf, crst, srvr, stat, mntr, ruok',
    dataDir: '/data',
    standaloneEnabled: 'false',
    reconfigEnabled: 'true',
    skipACL: 'yes',
    'metricsProvider.className': 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
    'metricsProvider.httpPort': ports.metrics,
    'admin.serverPort': ports.admin,
    tickTime,
    initLimit,
    syncLimit,
    quorumListenOnAllIPs,
    ...additionalConfig,
    dynamicConfigFile: '/data/zoo.cfg.dynamic',
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

/** Read by the members' start script, which adds them to the quorum, and by its teardown, which removes them. */
function environment(cluster: ZookeeperCluster): string {
  const { name, namespace } = cluster.metadata
  return [
    '#!/usr/bin/env bash',
    `DOMAIN=${headlessServiceName(cluster)}.${namespace}.svc.cluster.local`,
    `QUORUM_PORT=${ports.quorum}`,
    `LEADER_PORT=${ports.leaderElection}`,
    `CLIENT_HOST=${clientServiceName(cluster)}`,
    `CLIENT_PORT=${ports.client}`,
    `CLUSTER_NAME=${name}`,
    `CLUSTER_SIZE=${replicasWanted(cluster)}`,
    '',
  ].join('\n')
}

const logback = `<configuration>
  <appender name="CONSOLE" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{ISO8601} [myid:%X{myid}] - %-5p [%t:%C{1}@%L] - %m%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="CONSOLE" /></root>
</configuration>
`

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
