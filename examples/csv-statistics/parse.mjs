// The worker's side: from bytes of a CSV file to columns.

/**
 * Parses whole lines. A numeric column becomes a Float64Array, in which a field that is no number is NaN; a column of
 * words becomes a Uint32Array of places in a list of those that occur.
 *
 * @param bytes The whole file, in shared memory.
 * @param columns `{ at, type }`: which field of a line, `'number'` or `'word'`.
 */
export function parseLines(bytes, from, to, columns) {
  // A TextDecoder takes no shared memory: the copy is as long as this part of the file.
  const text = new TextDecoder().decode(bytes.slice(from, to))
  const made = columns.map(({ type }) => ({ type, values: [], words: new Map() }))
  for (const fields of linesOf(text)) {
    for (let i = 0; i < columns.length; i++) {
      const field = fields[columns[i].at] ?? ''
      const { type, values, words } = made[i]
      if (type === 'number') values.push(field === '' ? NaN : Number(field))
      else {
        if (!words.has(field)) words.set(field, words.size)
        values.push(words.get(field))
      }
    }
  }
  return made.map(({ type, values, words }) =>
    type === 'number'
      ? { values: Float64Array.from(values) }
      : { values: Uint32Array.from(values), words: [...words.keys()] },
  )
}

/** The fields of each line, by RFC 4180: a field in quotes may have commas, line ends and doubled quotes in it. */
export function* linesOf(text) {
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end === -1 ? text.length : end)
    if (line.includes('"')) {
      const { fields, next } = quotedLine(text, at)
      yield fields
      at = next
    } else {
      at += line.length + 1
      const whole = line.endsWith('\r') ? line.slice(0, -1) : line
      if (whole !== '') yield whole.split(',')
    }
  }
}

const field = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/y

function quotedLine(text, at) {
  const fields = []
  field.lastIndex = at
  for (;;) {
    const found = field.exec(text)
    if (found === null)
      throw new SyntaxError(`A quote is not closed, or something follows it: ${text.slice(at, at + 80)}`)
    const [, quoted, plain, end] = found
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end !== ',') return { fields, next: field.lastIndex }
  }
}
