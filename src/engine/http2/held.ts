/** A piece of a response that its client does not take yet. Its memory is used again: large answers to busy clients are held all the time. */

/** One read of a target brings no more (wire/handle-wire.ts). */
const usualRoom = 81_920
/** More buffers than that wait for use after a burst only. */
const maxSpare = 64

const nothing: Buffer = Buffer.alloc(0)
const spare: Buffer[] = []

export class Held {
  /** It lies from `start` to `end`; until the next change. */
  buffer = nothing
  start = 0
  end = 0

  get length(): number {
    return this.end - this.start
  }

  append(bytes: Buffer, from: number, to: number): void {
    const { buffer, start, end } = this
    const added = to - from
    if (end + added > buffer.length) {
      this.buffer = roomFor(end - start + added)
      this.end = buffer.copy(this.buffer, 0, start, end)
      this.start = 0
      giveBack(buffer)
    }
    this.end += bytes.copy(this.buffer, this.end, from, to)
  }

  /** Forgets the bytes before `start`, and the memory when that is all. */
  dropBefore(start: number): void {
    if (start === this.end) this.clear()
    else this.start = start
  }

  clear(): void {
    giveBack(this.buffer)
    this.buffer = nothing
    this.start = 0
    this.end = 0
  }
}

function roomFor(length: number): Buffer {
  if (length > usualRoom) return Buffer.allocUnsafeSlow(length)
  return spare.pop() ?? Buffer.allocUnsafeSlow(usualRoom)
}

function giveBack(buffer: Buffer): void {
  if (buffer.length === usualRoom && spare.length < maxSpare) spare.push(buffer)
}
