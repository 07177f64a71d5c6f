/** Puts bytes and the text around them into `room`, one byte per character. @returns the part of it that they take */
export function copyInto(
  room: Buffer,
  before: string,
  buffer: Buffer,
  start: number,
  end: number,
  behind: string,
): Buffer {
  const length = before.length + end - start + behind.length
  if (before !== '') room.write(before, 0, 'latin1')
  buffer.copy(room, before.length, start, end)
  if (behind !== '') room.write(behind, length - behind.length, 'latin1')
  return room.subarray(0, length)
}
