/** Attributes that many resources of Octavia have, and how they are kept as Huawei's. */
import { z } from 'zod'
import { description, name } from '../elb/fields.ts'
import type { TagRecord } from '../elb/records.ts'
import { invalidInput } from '../wire/errors.ts'
import type { Query } from '../wire/http.ts'

/** What the API has and nothing here does: it can be sent as long as it is null. */
export const unsupported = z.null('It is not supported: it can only be null').optional()

/** What Octavia has and nothing here does, as a list. */
export const unsupportedList = z.array(z.string()).max(0, 'It is not supported').nullish()

/** Milliseconds, of which whole seconds are kept. */
export function milliseconds(leastSeconds: number, mostSeconds: number) {
  return z
    .number()
    .int()
    .min(leastSeconds * 1000)
    .max(mostSeconds * 1000)
    .multipleOf(1000)
    .nullish()
}

/** What every resource has. */
export const common = {
  admin_state_up: z.boolean().nullish(),
  tags: z.array(z.string().max(255)).nullish(),
}

export const named = { ...common, name: name.nullish() }

export const described = { ...named, description: description.nullish() }

/** Of creations: clients may say whose a new resource is. */
export const owner = {
  project_id: z.string().optional(),
  tenant_id: z.string().optional(),
}

/** Huawei's tags have a name and a value; a tag of Octavia's is one text, as long as it likes. */
export function tagRecords(texts: readonly string[]): TagRecord[] {
  return [...new Set(texts)].map((text) => {
    const at = text.indexOf('=')
    const isPair = at > 0 && at < text.length - 1
    return isPair ? { key: text.slice(0, at), value: text.slice(at + 1) } : { key: text, value: '' }
  })
}

function tagTexts(records: readonly TagRecord[]): string[] {
  return records.map(({ key, value }) => (value === '' ? key : `${key}=${value}`))
}

/** What all resources are shown with; their changes are done when they are answered. */
export function shown(record: {
  readonly id: string
  readonly project_id: string
  readonly created_at: string
  readonly updated_at: string
  readonly admin_state_up: boolean
  readonly tags?: readonly TagRecord[]
}) {
  const { id, project_id, created_at, updated_at, admin_state_up, tags = [] } = record
  return {
    id,
    admin_state_up,
    project_id,
    tenant_id: project_id,
    provisioning_status: 'ACTIVE',
    created_at: created_at.replace('Z', ''),
    updated_at: updated_at.replace('Z', ''),
    tags: tagTexts(tags),
  }
}

/** {@link described}, or as much of it as there is, in Huawei's words. */
export function commonFields(fields: {
  readonly name?: string | null | undefined
  readonly description?: string | null | undefined
  readonly admin_state_up?: boolean | null | undefined
}) {
  const { name, description, admin_state_up } = fields
  return {
    name: orDefault(name, ''),
    ...(description === undefined ? {} : { description: description ?? '' }),
    admin_state_up: orDefault(admin_state_up, true),
  }
}

/** Null asks for the default. */
export function orDefault<T>(value: T | null | undefined, standard: T): T | undefined {
  return value === null ? standard : value
}

/** Python's clients write True, others true. @throws HuaweiError ELB.8902 */
export function flagOf(query: Query, name: string): boolean {
  const text = query.get(name)?.[0] ?? 'false'
  if (/^(true|1)$/i.test(text)) return true
  if (/^(false|0)$/i.test(text)) return false
  throw invalidInput(`Invalid input for '${name}': ${text}. It is true or false.`)
}
