import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameReader, type FrameReceiver } from './frame-reader.ts'
import { type ErrorCode, errorCode } from './frames.ts'

/** Writes down what it is told; pieces of data are joined. */
class Notes implements FrameReceiver {
  readonly all: string[] = []
  #data = ''

  frame(
    type: number,
    flags: number,
    stream: number,
    bytes: Buffer,
    start: number,
    end: number,
  ): ErrorCode {
    this.all.push(`${type} ${flags} ${stream} ${bytes.toString('latin1', start, end)}`)
    return errorCode.noError
  }

  dataBegins(stream: number, length: number): ErrorCode {
    this.#data = `data ${stream} ${length} `
    return errorCode.noError
  }

  dataPiece(bytes: Buffer, start: number, end: number): ErrorCode {
    this.#data += bytes.toString('latin1', start, end)
    return errorCode.noError
  }

  dataEnds(endsStream: boolean, padding: number): ErrorCode {
    this.all.push(`${this.#data} ${endsStream} ${padding}`)
    return errorCode.noError
  }
}

function frame(type: number, flags: number, stream: number, payload: string): Buffer {
  const header = Buffer.alloc(9)
  header.writeUIntBE(payload.length, 0, 3)
  header[3] = type
  header[4] = flags
  header.writeUInt32BE(stream, 5)
  return Buffer.concat([header, Buffer.from(payload, 'latin1')])
}

/** Feeds the pieces, each in a buffer that has something else around it and is overwritten afterwards. */
function read(pieces: readonly Buffer[]): { notes: string[]; code: ErrorCode } {
  const notes = new Notes()
  const reader = new FrameReader(notes)
  for (const piece of pieces) {
    const buffer = Buffer.concat([Buffer.from('..'), piece, Buffer.from('..')])
    const code = reader.read(buffer, 2, 2 + piece.length)
    if (code !== errorCode.noError) return { notes: notes.all, code }
    buffer.fill('!')
  }
  return { notes: notes.all, code: errorCode.noError }
}

const stream = Buffer.concat([
  frame(4, 0, 0, ''),
  frame(1, 4, 1, 'block'),
  frame(0, 0, 1, 'some data'),
  frame(0, 8, 1, '\x03padded\0\0\0'),
  frame(0, 8, 1, '\x00'),
  frame(0, 9, 1, '\x02\0\0'),
  frame(0, 0, 1, ''),
  frame(0, 1, 1, ''),
  frame(200, 255, 0xffff_ffff, 'unknown'),
  frame(6, 0, 0, 'pingping'),
])
const told = [
  '4 0 0 ',
  '1 4 1 block',
  'data 1 9 some data false 0',
  'data 1 10 padded false 4',
  'data 1 1  false 1',
  'data 1 3  true 3',
  'data 1 0  false 0',
  'data 1 0  true 0',
  '200 255 2147483647 unknown',
  '6 0 0 pingping',
]

test('frames are the same at every split', () => {
  expect(read([stream])).toEqual({ notes: told, code: 0 })
  for (let at = 1; at < stream.length; at += 1) {
    expect(read([stream.subarray(0, at), stream.subarray(at)]).notes).toEqual(told)
  }
  const bytes = Array.from(stream, (_, at) => stream.subarray(at, at + 1))
  expect(read(bytes).notes).toEqual(told)
})

describe.each([
  [
    'a frame larger than allowed',
    Buffer.from([0, 0x40, 1, 1, 0, 0, 0, 0, 1]),
    errorCode.frameSizeError,
  ],
  [
    'data larger than allowed',
    Buffer.from([0, 0x40, 1, 0, 0, 0, 0, 0, 1]),
    errorCode.frameSizeError,
  ],
  ['padding without its length', frame(0, 8, 1, ''), errorCode.frameSizeError],
  ['more padding than payload', frame(0, 8, 1, '\x05abcd'), errorCode.protocolError],
])('%s ends the connection', (_, bytes, code) => {
  test('at once and at every split', () => {
    for (let at = 0; at < bytes.length; at += 1) {
      expect(read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual({ notes: [], code })
    }
  })
})

test('whatever comes is read the same at every split, or ends the connection', () => {
  const split = fc.array(fc.nat(300), { maxLength: 5 })
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), split, (bytes, places) => {
      const whole = Buffer.from(bytes)
      // Mostly frames that could be: lengths and types are small.
      for (let at = 0; at + 9 < whole.length; at += 9 + (whole[at + 2] as number)) {
        whole[at] = 0
        whole[at + 1] = 0
        whole[at + 2] = (whole[at + 2] as number) % 20
        whole[at + 3] = (whole[at + 3] as number) % 12
      }
      const cuts = [0, ...places.filter((at) => at < whole.length).sort((a, b) => a - b)]
      const pieces = cuts.map((at, i) => whole.subarray(at, cuts[i + 1] ?? whole.length))
      expect(read(pieces)).toEqual(read([whole]))
    }),
  )
})
