import { random } from './views.ts'

/** The textbook table (Wagner and Fischer, "The String-to-String Correction Problem", 1974), unit by unit. */
export function editDistance(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(changed, row[j] + 1, next[j - 1] + 1))
    }
    row = next
  }
  return row[b.length]
}

/** By UTF-16 code units. */
export const unitDistance = (a: string, b: string): number => editDistance(a.split(''), b.split(''))
/** By code points. */
export const pointDistance = (a: string, b: string): number => editDistance([...a], [...b])

/** A source of strings over a few letters, the same in every run. */
export function letters(seed: number): (length: number, alphabet?: string) => string {
  const next = random(seed)
  return (length, alphabet = 'abcdefgh') => Array.from({ length }, () => alphabet[next() % alphabet.length]).join('')
}
