import * as path from 'node:path'

import { expect, it } from 'vitest'

import { root, runNode } from '../helpers/child.ts'

// Each checks its result by itself.
it.each([
  ['producer-consumer', /^1000 orders, 49500 in all\n$/],
  ['prime-sieve', /^the first 60 primes: 2 3 5 7 11 13 17 19 … 281\n$/],
  ['word-count', /^the \d+, /],
  ['sleeping-barber', /^\d+ were served, \d+ found no chair\n$/],
])('examples/toolkit/%s.mjs', async (name, said) => {
  const { code, stdout, stderr } = await runNode([path.join(root, 'examples', 'toolkit', `${name}.mjs`)])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(said)
})
