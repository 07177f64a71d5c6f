/** Reading the schemas that `@aws-sdk/client-*` export: operations, and which members a structure requires. */
import { NormalizedSchema } from '@smithy/core/schema'
import type { Schema } from './errors.ts'

export interface OperationModel {
  readonly name: string
  readonly input: NormalizedSchema
  readonly output: NormalizedSchema
}

/** First element of an operation's schema: `[9, namespace, name, traits, input, output]`. */
const operationKind = 9

/** The operation `name` of a client package's exports, or undefined when the model has none of that name. */
export function operationModel(
  schemas: Readonly<Record<string, unknown>>,
  name: string,
): OperationModel | undefined {
  const key = `${name}$`
  const schema = Object.hasOwn(schemas, key) ? schemas[key] : undefined
  if (!Array.isArray(schema) || schema[0] !== operationKind) return undefined
  return {
    name,
    input: NormalizedSchema.of(schema[4] as Schema),
    output: NormalizedSchema.of(schema[5] as Schema),
  }
}

/** How many of a structure's members are required: they are its first ones. */
export function requiredCount(structure: NormalizedSchema): number {
  const schema: unknown = structure.getSchema()
  return Array.isArray(schema) && typeof schema[6] === 'number' ? schema[6] : 0
}

/** A structure that no client package exports, such as the envelope of an answer. */
export function structure(name: string, members: Readonly<Record<string, Schema>>): Schema {
  return [3, '', name, 0, Object.keys(members), Object.values(members)] as Schema
}

/** The members of a structure with their raw schemas; none for an operation without output. */
export function membersOf(schema: NormalizedSchema): Record<string, Schema> {
  if (schema.isUnitSchema()) return {}
  return Object.fromEntries([...schema.structIterator()]) as Record<string, Schema>
}

/** Schema of a text. */
export const text: Schema = 0
