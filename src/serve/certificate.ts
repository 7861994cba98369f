/**
 * A certificate for this machine's loopback names, made anew at each start. The library that makes it is loaded then: it
 * takes a tenth of the time in which a small scenario is explored.
 */
export interface Certificate {
  /** PEM. */
  readonly key: string
  readonly certificate: string
}

/** `host`: a name or address beside localhost, 127.0.0.1 and ::1. */
export async function createCertificate(host: string): Promise<Certificate> {
  const isAddress = /^[0-9.]+$|:/.test(host)
  const extra = isAddress ? { type: 7 as const, ip: host } : { type: 2 as const, value: host }
  const altNames = [
    { type: 2 as const, value: 'localhost' },
    { type: 7 as const, ip: '127.0.0.1' },
    { type: 7 as const, ip: '::1' },
    ...(['localhost', '127.0.0.1', '::1'].includes(host) ? [] : [extra]),
  ]
  const { generate } = await import('selfsigned')
  const { private: key, cert: certificate } = await generate([{ name: 'commonName', value: 'kamera' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames },
    ],
  })
  return { key, certificate }
}
