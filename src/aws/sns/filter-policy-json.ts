import { z } from 'zod'
import { invalidParameter } from './errors.ts'
import { comparisons, type FilterPolicy } from './filter-policy.ts'

/** "Filter policy constraints". */
const maxKeys = 5
const maxCombinations = 150

const word = z.string().min(1)
const number = z.number().min(-1e9).max(1e9)

const numeric = z
  .array(z.union([z.string(), number]))
  .min(2)
  .max(4)
  .refine(
    (bounds) =>
      bounds.length % 2 === 0 &&
      bounds.every((each, index) =>
        index % 2 === 0 ? Object.hasOwn(comparisons, each) : typeof each === 'number',
      ),
    'must be comparisons and numbers in turn, as in [">", 0, "<=", 150]',
  )

const rule = z.union(
  [
    z.string(),
    number,
    z.boolean(),
    z.null(),
    z.strictObject({ prefix: word }),
    z.strictObject({ suffix: word }),
    z.strictObject({ 'equals-ignore-case': word }),
    z.strictObject({
      'anything-but': z.union([
        z.string(),
        number,
        z.array(z.union([z.string(), number])).min(1),
        z.strictObject({ prefix: word }),
        z.strictObject({ suffix: word }),
      ]),
    }),
    z.strictObject({ exists: z.boolean() }),
    z.strictObject({ numeric }),
  ],
  'must be a text, a number, true, false, null, or one of prefix, suffix, equals-ignore-case, anything-but, exists and numeric',
)

const policy = z
  .record(z.string(), z.array(rule, 'must be a list').min(1))
  .refine((rules) => Object.keys(rules).length <= maxKeys, `must have at most ${maxKeys} keys`)
  .refine(
    (rules) => Object.values(rules).reduce((all, { length }) => all * length, 1) <= maxCombinations,
    `must have at most ${maxCombinations} combinations of values`,
  )

/** @returns null for a policy that lets everything pass @throws ApiError InvalidParameter */
export function readFilterPolicy(json: string): FilterPolicy | null {
  const parsed = policy.safeParse(parseJson(json))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalidParameter(
      `FilterPolicy: ${issue?.path.join('.') || 'the policy'} ${issue?.message}`,
    )
  }
  return Object.keys(parsed.data).length === 0 ? null : parsed.data
}

function parseJson(json: string): unknown {
  if (json === '') return {}
  try {
    return JSON.parse(json)
  } catch {
    throw invalidParameter('FilterPolicy: failed to parse JSON')
  }
}
