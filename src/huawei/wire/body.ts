/** Reads the JSON body of a request by its schema, and says what is wrong with it. */
import type { z } from 'zod'
import { invalidInput } from './errors.ts'

/** @throws HuaweiError ELB.8902 that names the first attribute that is wrong, its value, and what is expected */
export function readBody<Body>(bytes: Uint8Array, schema: z.ZodType<Body>): Body {
  const value = parse(bytes)
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalidInput(issue === undefined ? 'The body is malformed' : sentence(issue, value))
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw invalidInput('The body is not JSON')
  }
}

function sentence(issue: z.core.$ZodIssue, body: unknown): string {
  const name = issue.path.join('.') || 'the body'
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => `'${issue.path.length === 0 ? key : `${name}.${key}`}'`)
    return `Attribute ${names.join(', ')} is not supported here, or cannot be changed`
  }
  const value = at(body, issue.path)
  if (value === undefined) return `Attribute '${name}' is required`
  return `Invalid input for '${name}': ${shown(name, value)}. ${issue.message}`
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return undefined
    here = (here as Record<PropertyKey, unknown>)[key]
  }
  return here
}

/** Values can be long, and one may be a secret, or have it somewhere in it. */
const shownCharacters = 100
const secrets = /private[_ ]key|password|token/i

function shown(name: string, value: unknown): string {
  const text = JSON.stringify(value) ?? ''
  if (secrets.test(name) || secrets.test(text)) return 'its value is not shown'
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text
}
