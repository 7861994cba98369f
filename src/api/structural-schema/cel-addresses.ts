/** IP addresses and CIDRs in CEL. Source: apiserver/pkg/cel/library (ip.go, cidr.go). */
import type { Environment } from '@marcbachmann/cel-js'
import { registerNamespace } from './cel-namespace.ts'
import { formatCheck, isIpv6 } from './formats.ts'

/** An address as one number and its length in bits. */
class Ip {
  readonly bits: 32 | 128
  readonly value: bigint
  constructor(text: string) {
    const value = parseIp(text)
    if (value === undefined) throw new TypeError(`IP Address ${JSON.stringify(text)} parse error`)
    this.bits = text.includes(':') ? 128 : 32
    this.value = value
  }
}

function parseIp(text: string): bigint | undefined {
  if (formatCheck('ipv4')?.(text)) return text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
  if (!isIpv6(text) || text.includes('.')) return undefined
  const [head = '', tail] = text.split('::')
  const groups = (half: string): string[] => (half === '' ? [] : half.split(':'))
  const front = groups(head)
  const back = tail === undefined ? [] : groups(tail)
  const middle = Array<string>(8 - front.length - back.length).fill('0')
  return [...front, ...middle, ...back].reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n)
}

function showIp({ bits, value }: Ip): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.')
  const groups = Array.from({ length: 8 }, (_item, index) =>
    ((value >> BigInt(112 - 16 * index)) & 65535n).toString(16),
  )
  const runs = [...groups.join(':').matchAll(/\b0(:0)+\b/g)].sort((a, b) => b[0].length - a[0].length)
  const longest = runs[0]
  if (longest === undefined) return groups.join(':')
  const joined = groups.join(':')
  const before = joined.slice(0, longest.index).replace(/:$/, '')
  return `${before}::${joined.slice(longest.index + longest[0].length).replace(/^:/, '')}`
}

class Cidr {
  readonly ip: Ip
  readonly prefix: number
  constructor(text: string) {
    if (!formatCheck('cidr')?.(text))
      throw new TypeError(`network address parse error during conversion from string: ${text}`)
    const [address, prefix] = text.split('/') as [string, string]
    this.ip = new Ip(address)
    this.prefix = Number(prefix)
  }
}

function containsIp({ ip, prefix }: Cidr, other: Ip): boolean {
  const shift = BigInt(ip.bits - prefix)
  return ip.bits === other.bits && ip.value >> shift === other.value >> shift
}

export function registerAddresses(environment: Environment): void {
  environment
    .registerType('net.IP', { ctor: Ip, fields: {} })
    .registerType('net.CIDR', { ctor: Cidr, fields: {} })
    .registerOperator('net.IP == net.IP', (a: Ip, b: Ip) => a.bits === b.bits && a.value === b.value)
    .registerFunction('ip(string): net.IP', (text: string) => new Ip(text))
    .registerFunction('isIP(string): bool', (text: string) => parseIp(text) !== undefined)
    .registerFunction('string(net.IP): string', showIp)
    .registerFunction('net.IP.family(): int', ({ bits }: Ip) => (bits === 32 ? 4n : 6n))
    .registerFunction('net.IP.isUnspecified(): bool', ({ value }: Ip) => value === 0n)
    .registerFunction('net.IP.isLoopback(): bool', ({ bits, value }: Ip) =>
      bits === 32 ? value >> 24n === 127n : value === 1n,
    )
    .registerFunction('net.IP.isLinkLocalMulticast(): bool', (ip: Ip) =>
      containsIp(new Cidr(ip.bits === 32 ? '224.0.0.0/24' : 'ff02::/16'), ip),
    )
    .registerFunction('net.IP.isLinkLocalUnicast(): bool', (ip: Ip) =>
      containsIp(new Cidr(ip.bits === 32 ? '169.254.0.0/16' : 'fe80::/10'), ip),
    )
    .registerFunction('net.IP.isGlobalUnicast(): bool', (ip: Ip) => {
      const special =
        ip.bits === 32
          ? ['0.0.0.0/32', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '255.255.255.255/32']
          : ['::/128', '::1/128', 'fe80::/10', 'ff00::/8']
      return !special.some((range) => containsIp(new Cidr(range), ip))
    })
    .registerFunction('cidr(string): net.CIDR', (text: string) => new Cidr(text))
    .registerFunction('isCIDR(string): bool', (text: string) => formatCheck('cidr')?.(text) === true)
    .registerFunction('string(net.CIDR): string', ({ ip, prefix }: Cidr) => `${showIp(ip)}/${prefix}`)
    .registerFunction('net.CIDR.ip(): net.IP', ({ ip }: Cidr) => ip)
    .registerFunction('net.CIDR.prefixLength(): int', ({ prefix }: Cidr) => BigInt(prefix))
    .registerFunction('net.CIDR.masked(): net.CIDR', ({ ip, prefix }: Cidr) => {
      const shift = BigInt(ip.bits - prefix)
      return new Cidr(`${showIp({ bits: ip.bits, value: (ip.value >> shift) << shift })}/${prefix}`)
    })
    .registerFunction('net.CIDR.containsIP(net.IP): bool', containsIp)
    .registerFunction('net.CIDR.containsIP(string): bool', (cidr: Cidr, text: string) => containsIp(cidr, new Ip(text)))
    .registerFunction('net.CIDR.containsCIDR(net.CIDR): bool', containsCidr)
    .registerFunction('net.CIDR.containsCIDR(string): bool', (cidr: Cidr, text: string) =>
      containsCidr(cidr, new Cidr(text)),
    )
  const ip = registerNamespace(environment, 'ip')
  environment.registerFunction(`${ip}.isCanonical(string): bool`, (_ip, text: string) => showIp(new Ip(text)) === text)
}

function containsCidr(cidr: Cidr, other: Cidr): boolean {
  return cidr.prefix <= other.prefix && containsIp(cidr, other.ip)
}
