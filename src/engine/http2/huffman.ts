/**
 * The Huffman code of HPACK (RFC 7541, section 5.2 and appendix B). The code is canonical, so the lengths of its symbols give the
 * codes; reading goes four bits at a time through a table of the states between symbols.
 */

/** Bits of each symbol's code; the last one is EOS. */
const lengths = Uint8Array.of(
  13,
  23,
  28,
  28,
  28,
  28,
  28,
  28,
  28,
  24,
  30,
  28,
  28,
  30,
  28,
  28,
  28,
  28,
  28,
  28,
  28,
  28,
  30,
  28,
  28,
  28,
  28,
  28,
  28,
  28,
  28,
  28,
  6,
  10,
  10,
  12,
  13,
  6,
  8,
  11,
  10,
  10,
  8,
  11,
  8,
  6,
  6,
  6,
  5,
  5,
  5,
  6,
  6,
  6,
  6,
  6,
  6,
  6,
  7,
  8,
  15,
  6,
  12,
  10,
  13,
  6,
  7,
  7,
  7,
  7,
  7,
  7,
  7,
  7,
  7,
  7,
  7,
  7,
  7,
  7,
  7,
  7,
  7,
  7,
  7,
  7,
  7,
  7,
  8,
  7,
  8,
  13,
  19,
  13,
  14,
  6,
  15,
  5,
  6,
  5,
  6,
  5,
  6,
  6,
  6,
  5,
  7,
  7,
  6,
  6,
  6,
  5,
  6,
  7,
  6,
  5,
  5,
  6,
  7,
  7,
  7,
  7,
  7,
  15,
  11,
  14,
  13,
  28,
  20,
  22,
  20,
  20,
  22,
  22,
  22,
  23,
  22,
  23,
  23,
  23,
  23,
  23,
  24,
  23,
  24,
  24,
  22,
  23,
  24,
  23,
  23,
  23,
  23,
  21,
  22,
  23,
  22,
  23,
  23,
  24,
  22,
  21,
  20,
  22,
  22,
  23,
  23,
  21,
  23,
  22,
  22,
  24,
  21,
  22,
  23,
  23,
  21,
  21,
  22,
  21,
  23,
  22,
  23,
  23,
  20,
  22,
  22,
  22,
  23,
  22,
  22,
  23,
  26,
  26,
  20,
  19,
  22,
  23,
  22,
  25,
  26,
  26,
  26,
  27,
  27,
  26,
  24,
  25,
  19,
  21,
  26,
  27,
  27,
  26,
  27,
  24,
  21,
  21,
  26,
  26,
  28,
  27,
  27,
  27,
  20,
  24,
  20,
  21,
  22,
  21,
  21,
  23,
  22,
  22,
  25,
  25,
  24,
  24,
  26,
  23,
  26,
  27,
  26,
  26,
  27,
  27,
  27,
  27,
  27,
  28,
  27,
  27,
  27,
  27,
  27,
  26,
  30,
)
const endOfString = 256
const longest = 30

const codes = canonicalCodes()

/** Shorter codes come first, and within one length the lower symbols. */
function canonicalCodes(): Uint32Array {
  const result = new Uint32Array(lengths.length)
  let code = 0
  for (let length = 1; length <= longest; length += 1) {
    for (let symbol = 0; symbol < lengths.length; symbol += 1) {
      if (lengths[symbol] !== length) continue
      result[symbol] = code
      code += 1
    }
    code *= 2
  }
  return result
}

// A step of the reading: the state after four bits, and the symbol that they ended, if any.
const symbolEnds = 0x100
const fails = 0x200
const stateShift = 10

/** 16 steps of each state. A state is a node of the code's tree that is no symbol; 0 is the root. */
const steps = new Uint32Array(endOfString * 16)
/** Whether a string may end in a state: less than a byte of ones since the last symbol (section 5.2). */
const ends = new Uint8Array(endOfString)

/** Children of each node, two in a row: a state, or the complement of a symbol. */
function treeOf(): Int32Array {
  const tree = new Int32Array(endOfString * 2)
  let states = 1
  for (let symbol = 0; symbol < lengths.length; symbol += 1) {
    const length = lengths[symbol] as number
    const code = codes[symbol] as number
    let state = 0
    for (let bit = length - 1; bit > 0; bit -= 1) {
      const child = state * 2 + ((code >>> bit) & 1)
      if (tree[child] === 0) {
        tree[child] = states
        states += 1
      }
      state = tree[child] as number
    }
    tree[state * 2 + (code & 1)] = ~symbol
  }
  return tree
}

function stepOf(tree: Int32Array, from: number, nibble: number): number {
  let state = from
  let ended = 0
  for (let bit = 3; bit >= 0; bit -= 1) {
    const child = tree[state * 2 + ((nibble >>> bit) & 1)] as number
    if (child >= 0) state = child
    else if (~child === endOfString) return fails
    else {
      ended = symbolEnds | ~child
      state = 0
    }
  }
  return (state << stateShift) | ended
}

function buildSteps(): void {
  const tree = treeOf()
  for (let state = 0; state < endOfString; state += 1) {
    for (let nibble = 0; nibble < 16; nibble += 1) {
      steps[state * 16 + nibble] = stepOf(tree, state, nibble)
    }
  }
  let state = 0
  for (let ones = 0; ones < 8; ones += 1) {
    ends[state] = 1
    state = tree[state * 2 + 1] as number
  }
}

buildSteps()

/** How many bytes `length` coded bytes become at most: no code is shorter than five bits. */
export function mostDecoded(length: number): number {
  return Math.floor((length * 8) / 5)
}

/**
 * Decodes bytes `start` to `end` to the beginning of `into`, which has room for {@link mostDecoded}.
 * @returns how many bytes they are; -1 when they are not of this code, or badly padded
 */
export function decodeHuffman(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Uint8Array,
): number {
  let state = 0
  let length = 0
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] as number
    const high = steps[state * 16 + (byte >>> 4)] as number
    if ((high & symbolEnds) !== 0) {
      into[length] = high & 0xff
      length += 1
    }
    const low = steps[(high >>> stateShift) * 16 + (byte & 15)] as number
    if (((high | low) & fails) !== 0) return -1
    if ((low & symbolEnds) !== 0) {
      into[length] = low & 0xff
      length += 1
    }
    state = low >>> stateShift
  }
  return ends[state] === 1 ? length : -1
}

/** How many bytes characters `start` to `end` of `text` become, each of which is a byte. */
export function huffmanLength(text: string, start: number, end: number): number {
  let bits = 0
  for (let at = start; at < end; at += 1) bits += lengths[text.charCodeAt(at)] as number
  return (bits + 7) >>> 3
}

/** Encodes characters `start` to `end` of `text`. @returns where the bytes in `into` end */
export function encodeHuffman(
  text: string,
  start: number,
  end: number,
  into: Uint8Array,
  at: number,
): number {
  let to = at
  // Less than a byte waits while the next code is added. The few that 32 bits have no room for beside it are added in two parts.
  let waiting = 0
  let count = 0
  for (let i = start; i < end; i += 1) {
    const symbol = text.charCodeAt(i)
    let code = codes[symbol] as number
    let length = lengths[symbol] as number
    if (length > 24) {
      length -= 8
      waiting = (waiting << 8) | (code >>> length)
      code &= (1 << length) - 1
      into[to] = waiting >>> count
      waiting &= (1 << count) - 1
      to += 1
    }
    waiting = (waiting << length) | code
    count += length
    for (; count >= 8; to += 1) {
      count -= 8
      into[to] = waiting >>> count
    }
    waiting &= (1 << count) - 1
  }
  if (count === 0) return to
  into[to] = (waiting << (8 - count)) | (0xff >>> count)
  return to + 1
}
