/**
 * The value of a field in a head as text; empty for none. The usual spellings of its name are found without a regular expression.
 * @param name of letters and hyphens
 */
export function fieldValue(fields: string, name: keyof typeof marks): string {
  const { usual, lower, any } = marks[name]
  let start = fields.indexOf(usual)
  if (start < 0) start = fields.indexOf(lower)
  if (start >= 0) start += usual.length
  else {
    const found = any.exec(fields)
    if (found === null) return ''
    start = found.index + found[0].length
  }
  return fields.slice(start, fields.indexOf('\r', start)).trim()
}

const marks = {
  Host: marksOf('Host'),
  'User-Agent': marksOf('User-Agent'),
  Referer: marksOf('Referer'),
}

function marksOf(name: string) {
  return {
    usual: `\r\n${name}:`,
    lower: `\r\n${name.toLowerCase()}:`,
    any: new RegExp(`\r\n${name}:`, 'i'),
  }
}
