/**
 * Regular expressions of people who are not the operator, matched in linear time: whatever they are and whatever they are looked for in, no
 * thread is blocked by backtracking. RE2's syntax, so there are no back-references and nothing that looks around.
 */
import { createRequire } from 'node:module'

/** Instructions of a compiled pattern; the time that matching takes is proportional to it. 128 characters rarely come near. */
const maxSize = 300
/** What is longer is not looked at. */
const maxText = 2048

export interface Pattern {
  /** Whether it is found anywhere in the text. */
  test(text: string): boolean
}

/** @throws SyntaxError that says what is wrong with it */
export function compilePattern(source: string): Pattern {
  const expression = compiled(source)
  if (expression.programSize() > maxSize) {
    throw new SyntaxError(`the regular expression is too large: ${source}`)
  }
  return { test: (text) => text.length <= maxText && expression.test(text) }
}

function compiled(source: string) {
  // Loading it takes 30 ms and some memory, which is for those who use it.
  const { RE2JS } = createRequire(import.meta.url)('re2js') as typeof import('re2js')
  try {
    return RE2JS.compile(source)
  } catch (error) {
    throw new SyntaxError(error instanceof Error ? error.message : String(error))
  }
}
