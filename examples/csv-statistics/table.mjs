// A CSV file as columns, parsed by all workers of a pool.
import { open } from 'node:fs/promises'

import { alloc, importTasks } from 'offloop'

import { linesOf } from './parse.mjs'

const work = importTasks(new URL('./parse.mjs', import.meta.url))
const [quote, newline] = [34, 10]

/** Bytes that are parsed at a time. */
const partSize = 2 ** 20

/** Reads a file into memory that worker threads see without a copy. */
export async function readShared(file) {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    const bytes = alloc(Uint8Array, size)
    for (let at = 0; at < size;) {
      const { bytesRead } = await handle.read(bytes, at, size - at, at)
      if (bytesRead === 0) return bytes.subarray(0, at)
      at += bytesRead
    }
    return bytes
  } finally {
    await handle.close()
  }
}

/**
 * @param bytes A CSV file whose first line has the names of its columns.
 * @param types `{ [name]: 'number' | 'word' }`: the columns that are wanted.
 * @returns `{ [name]: Float64Array | { codes: Uint32Array, words: string[] } }`
 */
export async function parseTable(bytes, types, pool, options) {
  const [header, ...parts] = cut(bytes)
  const [names = []] = linesOf(new TextDecoder().decode(bytes.slice(...header)))
  const columns = Object.entries(types).map(([name, type]) => {
    const at = names.indexOf(name)
    if (at === -1) throw new RangeError(`There is no column ${name}; there are ${names.join(', ')}`)
    return { at, type }
  })
  const calls = parts.map(([from, to]) => [bytes, from, to, columns])
  const parsed = await pool.starmap(work.parseLines, calls, { ...options, chunkSize: 1 })
  return Object.fromEntries(
    Object.keys(types).map((name, i) => {
      const pieces = parsed.map((part) => part[i])
      return [name, types[name] === 'number' ? joined(Float64Array, pieces) : joinedWords(pieces)]
    }),
  )
}

/** Where the first line is, and then parts of about the same size that end with a line. Quoted line ends are none. */
function cut(bytes) {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts = []
  let nextQuote = text.indexOf(quote)
  let quoted = false
  const lineEnd = (from) => {
    for (let at = from; ; at++) {
      at = text.indexOf(newline, at)
      const end = at === -1 ? text.length : at
      for (; nextQuote !== -1 && nextQuote < end; nextQuote = text.indexOf(quote, nextQuote + 1)) quoted = !quoted
      if (at === -1 || !quoted) return Math.min(end + 1, text.length)
    }
  }
  for (let from = 0; from < text.length;) {
    const to = lineEnd(parts.length === 0 ? 0 : from + partSize)
    parts.push([from, to])
    from = to
  }
  return parts
}

function joined(Type, pieces) {
  const all = new Type(pieces.reduce((sum, { values }) => sum + values.length, 0))
  let at = 0
  for (const { values } of pieces) {
    all.set(values, at)
    at += values.length
  }
  return all
}

/** Each part has numbered its words by itself. */
function joinedWords(pieces) {
  const places = new Map()
  for (const { values, words } of pieces) {
    const own = words.map((word) => {
      if (!places.has(word)) places.set(word, places.size)
      return places.get(word)
    })
    for (let i = 0; i < values.length; i++) values[i] = own[values[i]]
  }
  return { codes: joined(Uint32Array, pieces), words: [...places.keys()] }
}
