// Tables for terminals: columns in groups, colours only where they are wanted.

const isTerminal = process.stdout.isTTY === true
const hasColours = isTerminal && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 }

/** Text in a style of `codes`, or plain text where colours are not wanted. */
export function paint(style, text) {
  return hasColours ? `\x1b[${codes[style]}m${text}\x1b[0m` : text
}

/** Shows on a terminal what is going on, in a line that the next call replaces; '' takes it away. */
export function showStatus(text) {
  if (isTerminal) process.stdout.write(`\r\x1b[2K${paint('dim', text)}`)
}

/** Words in lines of at most 100 columns. */
export function wrap(text) {
  return text.match(/.{1,100}(?:\s|$)/g).map((line) => line.trimEnd())
}

/**
 * Lines of a table.
 *
 * @param groups `{ title, columns: [{ title, width, left, style }] }`; a group's columns stand together.
 * @param rows Arrays of text, one for each column of all groups.
 */
export function table(groups, rows) {
  const gap = paint('dim', ' │ ')
  const bar = (glyph) => paint('dim', groups.map((group) => '─'.repeat(widthOf(group))).join(glyph))
  const line = (cell) =>
    groups
      .map((group, index) => cell(group, index))
      .join(gap)
      .trimEnd()
  const firsts = groups.map((_, index) => groups.slice(0, index).reduce((sum, { columns }) => sum + columns.length, 0))
  const joined = (group, text) => group.columns.map((column, index) => text(column, index)).join(' ')
  return [
    line((group) => paint('bold', group.title.padEnd(widthOf(group)))),
    line((group) =>
      paint(
        'dim',
        joined(group, (column) => pad(column.title, column)),
      ),
    ),
    bar('─┼─'),
    ...rows.map((row) =>
      line((group, at) =>
        joined(group, (column, index) => {
          const text = pad(row[firsts[at] + index], column)
          return column.style === undefined ? text : paint(column.style, text)
        }),
      ),
    ),
    bar('─┴─'),
  ]
}

function widthOf({ columns }) {
  return columns.reduce((sum, { width }) => sum + width, columns.length - 1)
}

function pad(text, { width, left }) {
  return left ? text.padEnd(width) : text.padStart(width)
}
