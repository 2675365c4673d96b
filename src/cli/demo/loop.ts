import { alloc, matmul, ndarray } from '../../index.ts'
import { show } from '../format.ts'
import { columns, dim, green, print, red } from '../terminal.ts'
import { heartbeat } from './heart.ts'
import type { Heartbeat } from './heart.ts'
import type { Scene } from './scene.ts'

/** The heart of the event loop under the same work on the main thread and off it. */
export const loopScene: Scene = {
  title: 'The event loop, while matrices are multiplied',
  async run(quick) {
    const side = await sideFor(quick ? 300 : 3000)
    const a = matrix(side)
    const out = alloc(Float64Array, side * side)
    print(
      dim(
        `  ${side}×${side} numbers times as many; a timer of 5 ms beats meanwhile, each mark is a moment of its life\n`,
      ),
    )
    const slotMs = quick ? 15 : 80
    const blocked = await heartbeat(() => matmul.sync(a, a, { out }), slotMs)
    printBeats('matmul.sync, on the main thread', blocked, red)
    const free = await heartbeat(() => matmul(a, a, { out }), slotMs)
    printBeats('await matmul, off it', free, green)
  },
}

/** A side whose product takes about so long on one thread here. */
async function sideFor(wantedMs: number): Promise<number> {
  const trial = matrix(256)
  let took = Infinity
  for (let i = 0; i < 5; i++) {
    const start = performance.now()
    matmul.sync(trial, trial)
    took = Math.min(took, performance.now() - start)
  }
  return Math.round((256 * Math.cbrt(wantedMs / took)) / 64) * 64
}

function matrix(side: number) {
  return ndarray(
    alloc(Float64Array, side * side).map((_, i) => (i % 17) / 17),
    [side, side],
  )
}

function printBeats(title: string, { slots, beats, longest, span }: Heartbeat, paint: (text: string) => string): void {
  const width = Math.min(slots.length, Math.max(20, columns() - 4), 72)
  const merged = Array.from({ length: width }, (_, i) =>
    slots
      .slice(Math.floor((i * slots.length) / width), Math.max(Math.floor(((i + 1) * slots.length) / width), 1))
      .reduce((sum, count) => sum + count, 0),
  )
  print(`  ${title}`)
  print(`  ${merged.map((count) => (count > 0 ? '♥' : paint('·'))).join('')}`)
  print(`  ${beats} beats in ${show(span, 'ms')}, the longest pause ${paint(show(longest, 'ms'))}\n`)
}
