/** Colours only for somebody who looks at them, and not where the environment forbids them (no-color.org). */
export function hasColours(stream: NodeJS.WriteStream = process.stdout): boolean {
  return stream.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb'
}

function painter(code: number): (text: string) => string {
  return (text) => (hasColours() ? `\x1b[${code}m${text}\x1b[0m` : text)
}

export const bold = painter(1)
export const dim = painter(2)
export const red = painter(31)
export const green = painter(32)
export const yellow = painter(33)

/** Columns of the terminal; `otherwise` where there is none. */
export function columns(otherwise = 80): number {
  return process.stdout.columns ?? otherwise
}

/** One line to standard output. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`)
}
