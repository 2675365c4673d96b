// Word count as map and reduce (J. Dean, S. Ghemawat, 2004) over a text: mappers take pieces of it from one queue and put
// counts into others, one for each reducer, so that a word always goes to the same.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as path from 'node:path'

import { Pool, Queue } from 'offloop'

const mappers = 2
const reducers = 2
const pool = new Pool({ workers: mappers + reducers, backend: 'worker' })

// The licences of what TypeScript is built with: prose of many lawyers.
const folder = path.dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
const text = readFileSync(path.join(folder, 'ThirdPartyNoticeText.txt'), 'utf8')

const pieces = new Queue({ capacity: 16 })
const counts = Array.from({ length: reducers }, () => new Queue({ capacity: 64 }))

function mapPieces(from, to) {
  const homeOf = (word) => {
    let hash = 0
    for (let i = 0; i < word.length; i++) hash = (hash * 31 + word.charCodeAt(i)) | 0
    return Math.abs(hash) % to.length
  }
  for (const piece of from) {
    const found = to.map(() => new Map())
    for (const [word] of piece.toLowerCase().matchAll(/[a-z]+/g)) {
      const map = found[homeOf(word)]
      map.set(word, (map.get(word) ?? 0) + 1)
    }
    for (let i = 0; i < to.length; i++) if (found[i].size > 0) to[i].putSync(found[i])
  }
}

function reduceCounts(from) {
  const all = new Map()
  for (const some of from) for (const [word, count] of some) all.set(word, (all.get(word) ?? 0) + count)
  return all
}

const mapping = Array.from({ length: mappers }, () => pool.submit(mapPieces, pieces, counts))
const reducing = counts.map((queue) => pool.submit(reduceCounts, queue))
for (const paragraph of text.split(/\n\s*\n/)) await pieces.put(paragraph)
pieces.close()
await Promise.all(mapping)
for (const queue of counts) queue.close()

const words = (await Promise.all(reducing)).flatMap((map) => Array.from(map)).toSorted(([, a], [, b]) => b - a)

// The same on one thread.
const expected = {}
for (const word of text.toLowerCase().match(/[a-z]+/g)) expected[word] = (expected[word] ?? 0) + 1
assert.deepEqual(Object.fromEntries(words), { ...expected })
console.log(
  words
    .slice(0, 5)
    .map(([word, count]) => `${word} ${count}`)
    .join(', '),
)
await pool.close()
