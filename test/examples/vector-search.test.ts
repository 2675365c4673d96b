import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import * as path from 'node:path'
import { createInterface } from 'node:readline'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { PlacedExample } from '../helpers/example.ts'

const [rows, dimension] = [600, 32]
const size = ['--rows', `${rows}`, '--dimension', `${dimension}`]

interface Match {
  readonly index: number
  readonly score: number
}

let example: PlacedExample
let base: number[][]
beforeAll(async () => {
  example = new PlacedExample('vector-search')
  base = await example.jsonFrom(`
    import { makeEmbeddings } from './embeddings.mjs'
    console.log(JSON.stringify((await makeEmbeddings(${rows}, ${dimension})).toNested()))`)
})
afterAll(() => example.remove())

function post(url: string, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(`${url}/search`, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** All rows by their cosine in float64. */
function ranked(query: readonly number[]): Match[] {
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i], 0)
  const score = (row: readonly number[]): number => dot(query, row) / Math.sqrt(dot(query, query) * dot(row, row))
  return base.map((row, index) => ({ index, score: score(row) })).toSorted((a, b) => b.score - a.score)
}

describe.each(['offloop', 'main'])('a server that searches by %s', (search) => {
  let server: ChildProcess
  let url: string
  beforeAll(async () => {
    const file = path.join(example.folder, 'server.mjs')
    const args = [file, '--port', '0', '--search', search, ...size]
    server = spawn(process.execPath, args, { cwd: example.folder, stdio: ['ignore', 'pipe', 'inherit'] })
    const [said] = (await once(createInterface(server.stdout!), 'line')) as [string]
    url = said.split(' at ')[1]
  })
  afterAll(() => void server.kill('SIGKILL'))

  it('finds the rows that are nearest', async () => {
    const queries = [0, 1, 250, 599].map((row) => base[row].map((x, i) => x + (i % 3 === 0 ? 0.01 : -0.005)))
    const norm = (vector: number[]): number[] => vector.map((x) => x / Math.hypot(...vector))
    const vectors = queries.map(norm)
    const response = await post(url, { vectors, k: 5 })
    expect(response.status).toBe(200)
    const { matches } = (await response.json()) as { matches: Match[][] }
    expect(matches.map((found) => found.map(({ index }) => index))).toEqual(
      vectors.map((vector) =>
        ranked(vector)
          .slice(0, 5)
          .map(({ index }) => index),
      ),
    )
    for (const [i, found] of matches.entries()) {
      const expected = ranked(vectors[i])
      for (const [j, { score }] of found.entries()) expect(score).toBeCloseTo(expected[j].score, 5)
    }
  })

  it('refuses vectors of another length', async () => {
    expect((await post(url, { vectors: [[1, 2, 3]] })).status).toBe(400)
    expect((await post(url, { vectors: [] })).status).toBe(400)
    expect((await post(url, { vectors: [base[0]], k: 0 })).status).toBe(400)
  })

  it('ends when it is told to', async () => {
    expect(await (await fetch(`${url}/ping`, { headers: { connection: 'close' } })).text()).toBe('pong')
    server.kill('SIGTERM')
    expect(await once(server, 'exit')).toEqual([0, null])
  })
})

it('the load program measures both, and no request fails', async () => {
  const { code, stdout, stderr } = await example.run(['load.mjs', ...size, '--seconds', '1', '--queries', '2'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(
    /^offloop +\/ping p50 [\d.]+ ms, p99 [\d.]+ ms, max [\d.]+ ms of \d+; \d+ vectors\/s; 0 failed$/m,
  )
  expect(stdout).toMatch(/^main +\/ping p50 .*; 0 failed$/m)
})
