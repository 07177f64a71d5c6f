/** Bytes that came before they could be used: part of a head, or requests sent ahead of their turn. */
const nothing = Buffer.alloc(0)
const smallest = 1024

export class Carry {
  /** Holds the bytes from `start` to `end`; valid until the next `append`. */
  buffer = nothing
  start = 0
  end = 0

  get length(): number {
    return this.end - this.start
  }

  append(bytes: Buffer, from: number, to: number): void {
    const length = this.length
    const needed = length + to - from
    if (this.end + to - from > this.buffer.length) {
      const room =
        needed > this.buffer.length ? Buffer.allocUnsafeSlow(roomFor(needed)) : this.buffer
      this.buffer.copy(room, 0, this.start, this.end)
      this.buffer = room
      this.start = 0
      this.end = length
    }
    bytes.copy(this.buffer, this.end, from, to)
    this.end += to - from
  }

  /** Forgets the bytes before `start`, and the memory when that is all. */
  dropBefore(start: number): void {
    if (start === this.end) this.clear()
    else this.start = start
  }

  clear(): void {
    this.buffer = nothing
    this.start = 0
    this.end = 0
  }
}

/** Twice what is needed now: growing byte by byte stays linear. */
function roomFor(length: number): number {
  return Math.max(smallest, 2 * length)
}
