import { isIP } from 'node:net'

/** One word of 32 bits for IPv4, four for IPv6, the first bits first. */
export type Address = Uint32Array

const v4 = new Uint32Array(1)
const v6 = new Uint32Array(4)

/** @returns null for what is no IP literal. Valid until the next call: an address of each client is looked at, and none is kept. */
export function parseAddress(text: string): Address | null {
  switch (isIP(text)) {
    case 4:
      v4[0] = wordOf(text)
      return v4
    case 6:
      parseV6(text)
      return v6
    default:
      return null
  }
}

/** Of a literal that is one, with or without a zone (RFC 4007, section 11), which does not count. */
function parseV6(text: string): void {
  const zone = text.indexOf('%')
  const literal = zone < 0 ? text : text.slice(0, zone)
  const gap = literal.indexOf('::')
  v6.fill(0)
  if (gap < 0) {
    put(groupsOf(literal), 0)
    return
  }
  const behind = groupsOf(literal.slice(gap + 2))
  put(groupsOf(literal.slice(0, gap)), 0)
  put(behind, 8 - behind.length)
}

/** Sets groups of 16 bits. */
function put(groups: readonly number[], from: number): void {
  for (const [i, group] of groups.entries()) {
    const at = from + i
    const word = at >> 1
    v6[word] = (v6[word] as number) | (group << (at % 2 === 0 ? 16 : 0))
  }
}

/** The last part may be written as IPv4 (RFC 4291, section 2.2). */
function groupsOf(text: string): number[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return Number.parseInt(group, 16)
    const word = wordOf(group)
    return [word >>> 16, word & 0xffff]
  })
}

/** Of four numbers with dots between. */
function wordOf(text: string): number {
  let word = 0
  let part = 0
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === 0x2e) {
      word = (word << 8) | part
      part = 0
    } else part = part * 10 + code - 0x30
  }
  return ((word << 8) | part) >>> 0
}
