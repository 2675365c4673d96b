// Words to compare: made up of English syllables, of the lengths that words have, the same in every run.
import { mulberry32 } from './inputs.mjs'

const syllables = (
  'al an ar com con de en er es ex in ing ion is le ly ment ne ness or per pre pro re st ter ti un ' +
  'ver able ism graph late pa ra lel ous'
).split(' ')

export function words(n, seed = 1) {
  const next = mulberry32(seed)
  return Array.from({ length: n }, () => {
    const count = 1 + Math.floor(next() * 3 + next() * 3)
    return Array.from({ length: count }, () => syllables[Math.floor(next() * syllables.length)]).join('')
  })
}
