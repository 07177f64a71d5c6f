/** Identifiers of EC2's resources: a prefix and 17 hexadecimal digits (8 in old ones, which clients may still send). */
import { randomBytes } from 'node:crypto'

export function newId(prefix: string): string {
  return `${prefix}-${randomBytes(9).toString('hex').slice(0, 17)}`
}

export function isId(prefix: string, text: string): boolean {
  return new RegExp(`^${prefix}-([0-9a-f]{8}|[0-9a-f]{17})$`).test(text)
}

/** An id that belongs to `id`'s resource and needs no record of its own, e.g. the association of a VPC with its range. */
export function derivedId(prefix: string, id: string): string {
  return `${prefix}-${id.slice(id.lastIndexOf('-') + 1)}`
}
