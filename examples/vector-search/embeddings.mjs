// Vectors as a language model would give them: of length 1, in groups of what is about the same thing.
import { ndarray, normalize, random } from 'offloop'

const groups = 500
/** How far members of a group are spread, where groups are spread by 1. */
const spread = 0.7

/** `rows` unit vectors; the same for the same seed, on every machine. */
export async function makeEmbeddings(rows, dimension, seed = 1) {
  const [vectors, centres] = await Promise.all([
    random.normal(rows * dimension, { seed, std: spread, dtype: 'float32' }),
    random.normal(groups * dimension, { seed, stream: 1, dtype: 'float32' }),
  ])
  for (let row = 0; row < rows; row++) {
    const [from, centre] = [row * dimension, (row % groups) * dimension]
    for (let i = 0; i < dimension; i++) vectors[from + i] += centres[centre + i]
  }
  return normalize(ndarray(vectors, [rows, dimension]), { axis: 1 })
}
