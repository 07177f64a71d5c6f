import { expect, test } from 'vitest'
import { StatusBoard } from './status-board.ts'

test('a revision is served when every connected proxy, and at least one, has applied it', async () => {
  const board = new StatusBoard()
  let served = false
  const waiting = board.served(5).then(() => {
    served = true
  })
  const one = board.open('one')
  const other = board.open('other')
  board.applied(one, 5, [])
  await Promise.resolve()
  expect(served).toBe(false)
  board.applied(other, 6, [])
  await waiting
  await board.served(5)
})

test('a proxy that is gone holds up nobody', async () => {
  const board = new StatusBoard()
  const status = board.open('one')
  board.applied(board.open('other'), 5, [])
  const waiting = board.served(5)
  board.close('one', status)
  await waiting
})
