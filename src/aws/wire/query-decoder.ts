/**
 * From the parameters of a query protocol to the input of an operation, led by the operation's schema: only names that the schema
 * has are looked up, so what a client invents cannot get into the input. AWS's two query protocols differ in how they name
 * members and lists and in what they say about mistakes: a {@link QueryDialect} holds that.
 */
import type { NormalizedSchema } from '@smithy/core/schema'
import type { ApiError } from './errors.ts'
import { requiredCount } from './model.ts'
import { numbered, type ParameterNode } from './parameter-tree.ts'
import { readScalar, type Scalar } from './scalar.ts'

/** Where a value is: as the client names it (`Tags.member.1.Key`) and as AWS's validation does (`tags.1.member.key`). */
export interface Place {
  readonly wire: string
  readonly model: string
}

/** A required member that was not sent. */
export interface Missing {
  readonly place: Place
  /** It belongs to the input itself and is neither structure nor list. */
  readonly plain: boolean
}

export interface QueryDialect {
  /** The segment that names a structure's member. */
  memberName(name: string, member: NormalizedSchema): string
  /** The segment between a list's name and its numbers, or null when the numbers follow at once. */
  listSegment(list: NormalizedSchema): string | null
  /** Whether a number there may have a fraction. */
  mayHaveFraction(place: Place): boolean
  invalid(place: Place, text: string, kind: Scalar['kind']): ApiError
  /** What was sent at `place` is not of the shape that the model has there: `expected` says which. */
  misshapen(
    place: Place,
    expected: 'value' | 'structure' | 'list' | 'map',
    extra?: string,
  ): ApiError
  missing(missing: readonly Missing[]): ApiError
  /** Null when the protocol lets unknown parameters pass. */
  unknown(place: Place): ApiError | null
}

/** @throws ApiError in the dialect's words when the parameters do not fit the schema. */
export function decodeInput(
  schema: NormalizedSchema,
  tree: ParameterNode,
  dialect: QueryDialect,
): Record<string, unknown> {
  const decoder = new Decoder(dialect)
  const input = schema.isUnitSchema() ? {} : decoder.structure(schema, tree, root)
  decoder.finish()
  return input
}

const root: Place = { wire: '', model: '' }

class Decoder {
  readonly #dialect: QueryDialect
  readonly #missing: Missing[] = []

  constructor(dialect: QueryDialect) {
    this.#dialect = dialect
  }

  /** Everything that is missing is told at once, as AWS does. */
  finish(): void {
    if (this.#missing.length > 0) throw this.#dialect.missing(this.#missing)
  }

  structure(schema: NormalizedSchema, node: ParameterNode, at: Place): Record<string, unknown> {
    if (node.value) throw this.#dialect.misshapen(at, 'structure')
    const members: [string, unknown][] = []
    const known = new Set<string>()
    let required = requiredCount(schema)
    for (const [name, member] of schema.structIterator()) {
      const segment = this.#dialect.memberName(name, member)
      const place = inside(at, segment, lowerFirst(name))
      const child = node.children.get(segment)
      if (child !== undefined) members.push([name, this.#value(member, child, place)])
      else if (required > 0) this.#missing.push({ place, plain: at === root && isPlain(member) })
      known.add(segment)
      required -= 1
    }
    this.#refuseUnknown(node, known, at)
    return Object.fromEntries(members)
  }

  #value(schema: NormalizedSchema, node: ParameterNode, at: Place): unknown {
    if (schema.isStructSchema()) return this.structure(schema, node, at)
    if (schema.isListSchema()) return this.#list(schema, node, at)
    if (schema.isMapSchema()) return this.#map(schema, node, at)
    if (node.children.size > 0 || node.value === undefined) {
      throw this.#dialect.misshapen(at, 'value', firstKey(node))
    }
    const { kind, value } = readScalar(schema, node.value, this.#dialect.mayHaveFraction(at))
    if (value === undefined) throw this.#dialect.invalid(at, node.value, kind)
    return value
  }

  /** An empty list is sent as `Name=`. */
  #list(schema: NormalizedSchema, node: ParameterNode, at: Place): unknown[] {
    const segment = this.#dialect.listSegment(schema)
    const prefix = segment === null ? '' : `${segment}.`
    const item = schema.getValueSchema()
    return this.#items(node, segment, at, 'list').map((child, i) => {
      const suffix = segment === null ? `${i + 1}` : `${i + 1}.member`
      return this.#value(item, child, inside(at, `${prefix}${i + 1}`, suffix))
    })
  }

  #map(schema: NormalizedSchema, node: ParameterNode, at: Place): Record<string, unknown> {
    const segment = schema.getMergedTraits().xmlFlattened ? null : 'entry'
    const keySegment = (schema.getKeySchema().getMergedTraits().xmlName as string) ?? 'key'
    const value = schema.getValueSchema()
    const valueSegment = (value.getMergedTraits().xmlName as string) ?? 'value'
    const entries = this.#items(node, segment, at, 'map').map((entry): [string, unknown] => {
      const key = entry.children.get(keySegment)?.value
      const child = entry.children.get(valueSegment)
      if (key === undefined || child === undefined) throw this.#dialect.misshapen(at, 'map')
      return [key, this.#value(value, child, inside(at, key, key))]
    })
    return Object.fromEntries(entries)
  }

  /** Children of a list or map, below `segment` if there is one, by number. */
  #items(node: ParameterNode, segment: string | null, at: Place, expected: 'list' | 'map') {
    if (node.value) throw this.#dialect.misshapen(at, expected)
    const holder = segment === null ? node : node.children.get(segment)
    for (const key of node.children.keys()) {
      if (segment !== null && key !== segment) throw this.#dialect.misshapen(at, expected, key)
    }
    if (holder === undefined) return []
    const { items, others } = numbered(holder)
    if (others.length > 0) throw this.#dialect.misshapen(at, expected, others[0])
    return items
  }

  #refuseUnknown(node: ParameterNode, known: ReadonlySet<string>, at: Place): void {
    for (const [segment, child] of node.children) {
      if (known.has(segment)) continue
      const error = this.#dialect.unknown(inside(at, pathTo(segment, child), segment))
      if (error !== null) throw error
    }
  }
}

function isPlain(schema: NormalizedSchema): boolean {
  return !(schema.isStructSchema() || schema.isListSchema() || schema.isMapSchema())
}

function inside(at: Place, wire: string, model: string): Place {
  if (at === root) return { wire, model }
  return { wire: `${at.wire}.${wire}`, model: `${at.model}.${model}` }
}

/** The whole name of the first parameter under a segment, as the client wrote it. */
function pathTo(segment: string, node: ParameterNode): string {
  for (const [key, child] of node.children) return `${segment}.${pathTo(key, child)}`
  return segment
}

function firstKey(node: ParameterNode): string | undefined {
  for (const key of node.children.keys()) return key
  return undefined
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1)
}
