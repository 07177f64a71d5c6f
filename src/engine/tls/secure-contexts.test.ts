import { describe, expect, test } from 'vitest'
import { SecureContexts } from './secure-contexts.ts'

/** Makes contexts for keys, and notes for which. */
class Maker {
  readonly made: string[] = []
  readonly #contexts: SecureContexts

  constructor(max: number) {
    this.#contexts = new SecureContexts(max)
  }

  get(key: string): object {
    return this.#contexts.get(key, () => {
      this.made.push(key)
      return { options: {}, renewsTickets: true }
    })
  }
}

describe('contexts', () => {
  test('are made once and shared', () => {
    const maker = new Maker(2)
    expect(maker.get('a')).toBe(maker.get('a'))
    expect(maker.made).toEqual(['a'])
  })

  test('that were not used for longest go when there are too many, and are made anew when they are needed again', () => {
    const maker = new Maker(2)
    for (const key of ['a', 'b', 'a', 'c']) maker.get(key)
    maker.get('a')
    expect(maker.made).toEqual(['a', 'b', 'c'])
    maker.get('b')
    expect(maker.made).toEqual(['a', 'b', 'c', 'b'])
  })
})
