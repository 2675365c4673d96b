import { alloc, random, sort } from '../../index.ts'
import { digits, show } from '../format.ts'
import { print } from '../terminal.ts'
import { timed } from './scene.ts'
import type { Scene } from './scene.ts'

/** The engine's own sort against offloop's, checked element by element. */
export const sortScene: Scene = {
  title: 'Sorting',
  async run(quick) {
    const n = quick ? 200_000 : 5_000_000
    const numbers = await random.uniform(n, { seed: 1, out: alloc(Float64Array, n) })
    const plain = await timed(() => numbers.toSorted())
    const ours = await timed(() => sort(numbers))
    const same = plain.result.every((value, i) => value === ours.result[i])
    print(`  ${n.toLocaleString('en')} random numbers, the best of three runs each`)
    print(`  Float64Array.toSorted  ${show(plain.took, 'ms').padStart(9)}, and the event loop stands still`)
    print(`  await sort             ${show(ours.took, 'ms').padStart(9)}, and it does not`)
    print(
      `  ${digits(plain.took / ours.took)} times as fast; ${same ? 'the same numbers in the same order' : 'THEY DIFFER'}`,
    )
  },
}
