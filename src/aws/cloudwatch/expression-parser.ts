/**
 * Metric math as text: "Using metric math" of the user guide. A parser by recursive descent, one function a level of precedence, loosest
 * first.
 */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'reference'; readonly id: string }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'call'; readonly name: string; readonly parameters: readonly Expression[] }
  | {
      readonly kind: 'operation'
      readonly operator: Operator
      readonly left: Expression
      readonly right: Expression
    }

/** By precedence, loosest first. */
const levels = [
  ['||', 'OR'],
  ['&&', 'AND'],
  ['==', '!=', '<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/'],
  ['^'],
] as const

export type Operator = (typeof levels)[number][number]

/** Says what is wrong with an expression, for its author. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError'
}

/** Nesting beyond this is no formula. */
const maxDepth = 64

/** @throws ExpressionError */
export function parseExpression(text: string): Expression {
  return new Parser(tokens(text)).whole()
}

type Token =
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'sign'; readonly text: string }

const patterns: readonly [Token['kind'] | 'space', RegExp][] = [
  ['space', /\s+/y],
  ['number', /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['string', /"[^"]*"|'[^']*'/y],
  ['name', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['sign', /\|\||&&|[=!<>]=|[-+*/^<>(),[\]]/y],
]

function tokens(text: string): Token[] {
  const found: Token[] = []
  for (let at = 0; at < text.length; ) {
    const [kind, taken] = tokenAt(text, at)
    at += taken.length
    if (kind !== 'space') found.push({ kind, text: taken })
  }
  return found
}

function tokenAt(text: string, at: number): [Token['kind'] | 'space', string] {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = at
    const [taken] = pattern.exec(text) ?? []
    if (taken !== undefined) return [kind, taken]
  }
  throw new ExpressionError(`Unexpected character '${text[at]}' at position ${at + 1}`)
}

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  whole(): Expression {
    const expression = this.#level(0)
    const rest = this.#tokens[this.#at]
    if (rest !== undefined) throw new ExpressionError(`Unexpected '${rest.text}'`)
    return expression
  }

  #level(index: number): Expression {
    const operators: readonly Operator[] | undefined = levels[index]
    if (operators === undefined) return this.#unary()
    let left = this.#level(index + 1)
    for (;;) {
      const operator = operators.find((one) => one === this.#tokens[this.#at]?.text)
      if (operator === undefined) return left
      this.#at += 1
      left = { kind: 'operation', operator, left, right: this.#level(index + 1) }
    }
  }

  #unary(): Expression {
    this.#depth += 1
    if (this.#depth > maxDepth) throw new ExpressionError('The expression is nested too deeply')
    const operand = this.#accept('-') ? minus(this.#unary()) : this.#primary()
    this.#depth -= 1
    return operand
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw new ExpressionError('The expression ends too early')
    this.#at += 1
    switch (token.kind) {
      case 'number':
        return { kind: 'number', value: Number(token.text) }
      case 'string':
        return { kind: 'string', value: token.text.slice(1, -1) }
      case 'name':
        if (!this.#accept('(')) return { kind: 'reference', id: token.text }
        return { kind: 'call', name: token.text.toUpperCase(), parameters: this.#until(')') }
      case 'sign':
        if (token.text === '(') return this.#inParentheses()
        if (token.text === '[') return { kind: 'list', items: this.#until(']') }
        throw new ExpressionError(`Unexpected '${token.text}'`)
    }
  }

  #inParentheses(): Expression {
    const inner = this.#level(0)
    this.#require(')')
    return inner
  }

  #until(end: ')' | ']'): Expression[] {
    if (this.#accept(end)) return []
    const items = [this.#level(0)]
    while (this.#accept(',')) items.push(this.#level(0))
    this.#require(end)
    return items
  }

  #accept(sign: string): boolean {
    const token = this.#tokens[this.#at]
    if (token?.kind !== 'sign' || token.text !== sign) return false
    this.#at += 1
    return true
  }

  #require(sign: string): void {
    if (this.#accept(sign)) return
    throw new ExpressionError(
      `Expected '${sign}', found '${this.#tokens[this.#at]?.text ?? 'the end'}'`,
    )
  }
}

function minus(right: Expression): Expression {
  return { kind: 'operation', operator: '-', left: { kind: 'number', value: 0 }, right }
}
