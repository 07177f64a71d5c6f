/** Attributes that many resources of Octavia have, and how they are kept as Huawei's. */
import { z } from 'zod'
import { description, name } from '../elb/fields.ts'
import type { TagRecord } from '../elb/records.ts'

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

export const common = {
  name: name.nullish(),
  description: description.nullish(),
  admin_state_up: z.literal(true, 'It cannot be switched off').nullish(),
}

/** Of creations. */
export const owner = {
  project_id: z.string().optional(),
  tenant_id: z.string().optional(),
}

export const tags = z
  .array(
    z
      .string()
      .regex(
        /^[^=]{1,36}(=.{1,43})?$/,
        "It has at most 36 characters, or is a name, '=', and at most 43 more",
      ),
  )
  .max(20)
  .optional()

/** Of resources that have none in Huawei's API. */
export const noTags = z
  .array(z.string())
  .max(0, 'Only load balancers and listeners have tags')
  .optional()

/** Huawei's tags have a name and a value; a tag of Octavia's is one text. */
export function tagRecords(texts: readonly string[]): TagRecord[] {
  return [...new Set(texts)].map((text) => {
    const [key = '', ...value] = text.split('=')
    return { key, value: value.join('=') }
  })
}

export function tagTexts(records: readonly TagRecord[]): string[] {
  return records.map(({ key, value }) => (value === '' ? key : `${key}=${value}`))
}

/** What all resources are shown with; their changes are done when they are answered. */
export function shown({
  id,
  project_id,
  created_at,
  updated_at,
}: {
  readonly id: string
  readonly project_id: string
  readonly created_at: string
  readonly updated_at: string
}) {
  return {
    id,
    project_id,
    tenant_id: project_id,
    provisioning_status: 'ACTIVE',
    created_at: created_at.replace('Z', ''),
    updated_at: updated_at.replace('Z', ''),
  }
}

/** Null asks for the default. */
export function orDefault<T>(value: T | null | undefined, standard: T): T | undefined {
  return value === null ? standard : value
}
