/** Whether a text is what a pattern stands for: `*` for any characters, `?` for one. Takes time in proportion to both lengths, at most. */
export function fitsWildcards(text: string, pattern: string): boolean {
  let at = 0
  let place = 0
  /** Behind the last asterisk, and where the text went on for it. */
  let star = -1
  let from = 0
  while (at < text.length) {
    if (
      place < pattern.length &&
      (pattern[place] === '?' || (pattern[place] === text[at] && pattern[place] !== '*'))
    ) {
      at += 1
      place += 1
    } else if (pattern[place] === '*') {
      place += 1
      star = place
      from = at
    } else if (star >= 0) {
      from += 1
      at = from
      place = star
    } else return false
  }
  while (pattern[place] === '*') place += 1
  return place === pattern.length
}
