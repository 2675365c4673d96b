import { ndarray, nearest, random } from '../../index.ts'
import { digits, show } from '../format.ts'
import { dim, print } from '../terminal.ts'
import { timed } from './scene.ts'
import type { Scene } from './scene.ts'

/** A search over embeddings, as behind a chat bot. */
export const nearestScene: Scene = {
  title: 'Nearest neighbours',
  async run(quick) {
    const [rows, length] = quick ? [5000, 128] : [100_000, 384]
    const shape = [rows, length]
    const base = await random.normal(shape, { seed: 2, dtype: 'float32' })
    // A row with some noise on it, which must find that row again.
    const wanted = Math.floor(rows / 3)
    const noise = await random.normal(length, { seed: 3, dtype: 'float32' })
    const row = base.data.subarray(wanted * length, (wanted + 1) * length)
    const query = ndarray(
      Float32Array.from(row, (value, i) => value + 0.3 * noise[i]),
      [1, length],
    )
    const { took, result } = await timed(() => nearest(query, base, { k: 5 }))
    const found = [...result.indices.data].map((index, i) => `${index} (${digits(result.scores.data[i])})`)
    print(
      `  one query over ${rows.toLocaleString('en')} vectors of ${length}, all of them looked at: ${show(took, 'ms')}`,
    )
    print(`  best by cosine: ${found.join(', ')}`)
    print(
      dim(
        `  the query was row ${wanted} with noise; ${result.indices.data[0] === wanted ? 'it came first' : 'IT DID NOT COME FIRST'}`,
      ),
    )
  },
}
