import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LogBuffer } from './log-buffer.ts'

test('nothing is lost while it grows', () => {
  const parts = fc.string({ unit: 'binary-ascii', maxLength: 3000 })
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 40 }), (all) => {
      const buffer = new LogBuffer()
      for (const part of all) buffer.text(part)
      expect(buffer.written.toString('latin1')).toBe(all.join(''))
    }),
  )
})

test('there is room for as much as is asked for, behind what is written', () => {
  const buffer = new LogBuffer()
  buffer.text('one')
  const bytes = buffer.withRoom(100_000)
  expect(bytes.length).toBeGreaterThanOrEqual(100_003)
  bytes.fill('x', buffer.length, buffer.length + 100_000)
  buffer.length += 100_000
  expect(buffer.written.toString('latin1')).toBe(`one${'x'.repeat(100_000)}`)
})

test('what was written last can be taken back', () => {
  const buffer = new LogBuffer()
  buffer.text('one')
  const { length } = buffer
  buffer.text(', two')
  buffer.length = length
  buffer.text('.')
  expect(buffer.written.toString('latin1')).toBe('one.')
})
