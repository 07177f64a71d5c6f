import { XmlShapeSerializer } from '@aws-sdk/core/protocols'
import type { Schema } from './errors.ts'

/** Timestamps as date-time unless a schema says otherwise. */
const dateTimeFormat = 5

/** What XML 1.0 (section 2.2) cannot carry, escaped or not; with the flag `u` this includes lone surrogates. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unrepresentable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\ud800-\udfff]/gu

/** An XML document whose root is named as the schema, in `namespace` unless that is null. */
export function xmlDocument(schema: Schema, value: object, namespace: string | null): string {
  const serializer = new XmlShapeSerializer({
    xmlNamespace: namespace ?? '',
    serviceNamespace: '',
    httpBindings: false,
    timestampFormat: { useTrait: true, default: dateTimeFormat },
  })
  serializer.write(schema as Parameters<typeof serializer.write>[0], value)
  return String(serializer.flush()).replace(unrepresentable, '\ufffd')
}
