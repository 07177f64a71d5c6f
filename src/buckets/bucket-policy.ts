/**
 * Bucket policies: AWS's policy language, as far as a policy can decide on what a service delivers ("Policy evaluation logic", IAM User Guide):
 * what an Allow fits, and no Deny. What is not understood is never to the asker's good: an Allow whose condition cannot be evaluated does not
 * fit, a Deny does.
 */
import { z } from 'zod'
import { BucketError } from './bucket-error.ts'

/** Who asks for what. */
export interface PolicyRequest {
  readonly principal: {
    /** Twelve digits; null: the asker is no account. */
    readonly account: string | null
    /** e.g. `cloudtrail.amazonaws.com`. */
    readonly services: readonly string[]
  }
  /** e.g. `s3:PutObject`. */
  readonly action: string
  /** An ARN. */
  readonly resource: string
  /** Values of condition keys, by their names in lower case. */
  readonly context: ReadonlyMap<string, string>
}

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat())
const values = z
  .union([
    z.string(),
    z.boolean(),
    z.number(),
    z.array(z.union([z.string(), z.boolean(), z.number()])),
  ])
  .transform((value) => [value].flat().map(String))
const principals = z.union([z.literal('*'), z.record(z.string(), texts)])

const statementSchema = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: principals.optional(),
  NotPrincipal: principals.optional(),
  Action: texts.optional(),
  NotAction: texts.optional(),
  Resource: texts.optional(),
  NotResource: texts.optional(),
  Condition: z.record(z.string(), z.record(z.string(), values)).optional(),
})

const policySchema = z.strictObject({
  Version: z.enum(['2012-10-17', '2008-10-17']).optional(),
  Id: z.string().optional(),
  Statement: z.union([statementSchema, z.array(statementSchema).min(1)]),
})

type Statement = z.infer<typeof statementSchema>
type Principals = z.infer<typeof principals>

/** Whether the policy allows the request. @param policy text that {@link checkBucketPolicy} has passed */
export function policyAllows(policy: string, request: PolicyRequest): boolean {
  const statements = parsed(policy)
  const fits = (effect: Statement['Effect']) =>
    statements.some((statement) => statement.Effect === effect && applies(statement, request))
  return fits('Allow') && !fits('Deny')
}

/** @throws BucketError MalformedPolicy for what is no policy of this bucket, in S3's words where they are known */
export function checkBucketPolicy(bucket: string, policy: string): void {
  for (const statement of parsed(policy)) {
    requireOne(statement, 'Principal', 'NotPrincipal')
    requireOne(statement, 'Action', 'NotAction')
    requireOne(statement, 'Resource', 'NotResource')
    const actions = statement.Action ?? statement.NotAction ?? []
    if (!actions.every((action) => /^(\*|s3:[\w*?]+)$/i.test(action))) {
      throw malformed('Policy has invalid action')
    }
    const resources = statement.Resource ?? statement.NotResource ?? []
    if (!resources.every((resource) => isOf(bucket, resource))) {
      throw malformed('Policy has invalid resource')
    }
  }
}

function parsed(policy: string): Statement[] {
  let document: unknown
  try {
    document = JSON.parse(policy)
  } catch {
    throw malformed('This policy contains invalid Json')
  }
  const result = policySchema.safeParse(document)
  if (!result.success) {
    const { path, message } = result.error.issues[0] ?? { path: [], message: '' }
    throw malformed(`Policy is not valid: ${path.join('.')}: ${message}`)
  }
  return [result.data.Statement].flat()
}

function requireOne(statement: Statement, name: keyof Statement, other: keyof Statement): void {
  if (statement[name] === undefined && statement[other] === undefined) {
    throw malformed(`Missing required field ${name}`)
  }
  if (statement[name] !== undefined && statement[other] !== undefined) {
    throw malformed(`Policy has both ${name} and ${other}`)
  }
}

function isOf(bucket: string, resource: string): boolean {
  const [, name] = /^arn:aws[a-z-]*:s3:::([^/]+)(\/.*)?$/s.exec(resource) ?? []
  return name === bucket
}

function malformed(message: string): BucketError {
  return new BucketError('MalformedPolicy', message)
}

function applies(statement: Statement, request: PolicyRequest): boolean {
  return (
    names(statement.Principal, statement.NotPrincipal, (named) => isNamed(named, request)) &&
    names(statement.Action, statement.NotAction, (patterns) =>
      patterns.some((one) => matches(one.toLowerCase(), request.action.toLowerCase())),
    ) &&
    names(statement.Resource, statement.NotResource, (patterns) =>
      patterns.some((one) => matches(one, request.resource)),
    ) &&
    conditionHolds(statement, request.context)
  )
}

/** Of an element and its opposite, of which a statement has one. */
function names<T>(is: T | undefined, isNot: T | undefined, fits: (value: T) => boolean): boolean {
  if (is !== undefined) return fits(is)
  return isNot !== undefined && !fits(isNot)
}

function isNamed(named: Principals, { principal }: PolicyRequest): boolean {
  if (named === '*') return true
  const accounts = named.AWS ?? []
  const services = named.Service ?? []
  return (
    accounts.some((account) => account === '*' || isAccount(account, principal.account)) ||
    services.some((service) => principal.services.includes(service))
  )
}

function isAccount(named: string, account: string | null): boolean {
  if (account === null) return false
  return named === account || new RegExp(`^arn:aws[a-z-]*:iam::${account}:root$`).test(named)
}

function conditionHolds(
  { Effect, Condition = {} }: Statement,
  context: PolicyRequest['context'],
): boolean {
  const unknown = Effect === 'Deny'
  return Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const test = operators.get(operator)
      const value = context.get(key.toLowerCase())
      return test === undefined || value === undefined ? unknown : test(wanted, value)
    }),
  )
}

type Operator = (wanted: readonly string[], value: string) => boolean

const equals: Operator = (wanted, value) => wanted.includes(value)
const like: Operator = (wanted, value) => wanted.some((one) => matches(one, value))
const sameLetters: Operator = (wanted, value) =>
  wanted.some((one) => one.toLowerCase() === value.toLowerCase())

const operators: ReadonlyMap<string, Operator> = new Map([
  ['StringEquals', equals],
  ['StringNotEquals', not(equals)],
  ['StringEqualsIgnoreCase', sameLetters],
  ['StringLike', like],
  ['StringNotLike', not(like)],
  ['ArnEquals', like],
  ['ArnLike', like],
  ['Bool', sameLetters],
])

function not(operator: Operator): Operator {
  return (wanted, value) => !operator(wanted, value)
}

/** `*` is any text, `?` any character. Takes no more than the product of the lengths, whatever the pattern is. */
export function matches(pattern: string, text: string): boolean {
  let [at, star, resume] = [0, -1, 0]
  for (let i = 0; i < text.length; ) {
    if (pattern[at] === '*') {
      star = at
      at += 1
      resume = i
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[i])) {
      at += 1
      i += 1
    } else if (star >= 0) {
      at = star + 1
      resume += 1
      i = resume
    } else return false
  }
  return /^\**$/.test(pattern.slice(at))
}
