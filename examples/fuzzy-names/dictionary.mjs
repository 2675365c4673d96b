import { closest, levenshtein, packStrings } from 'offloop'

/** A list of names that is asked for those that are like what somebody typed. */
export class Dictionary {
  #names
  #packed

  /** Packs the names once; searches then only read. */
  static async of(names) {
    return new Dictionary(names, await packStrings(names))
  }

  constructor(names, packed) {
    this.#names = names
    this.#packed = packed
  }

  get size() {
    return this.#names.length
  }

  /**
   * For each word the `count` names that take the fewest edits, `{ name, distance }`, best first. None that take more
   * than `cutoff`.
   */
  async suggest(words, { count, cutoff, signal }) {
    const found = await closest(words, this.#packed, { k: count, cutoff, signal })
    return found.map((matches) => matches.map(({ index, distance }) => ({ name: this.#names[index], distance })))
  }

  /** How many names are 0, 1, … `cutoff` edits away from a word: of 275,000 distances, the counts. */
  async countByDistance(word, { cutoff, signal }) {
    const counts = new Array(cutoff + 1).fill(0)
    for (const distance of await levenshtein(word, this.#packed, { cutoff, signal })) {
      if (distance <= cutoff) counts[distance]++
    }
    return counts
  }
}
