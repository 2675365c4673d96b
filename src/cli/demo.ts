import { loopScene } from './demo/loop.ts'
import { nearestScene } from './demo/nearest.ts'
import { pictureScene } from './demo/picture.ts'
import { sortScene } from './demo/sort.ts'
import { info } from '../index.ts'
import { parse } from './command.ts'
import type { Command } from './command.ts'
import { bold, dim, print, yellow } from './terminal.ts'

export const demo: Command = {
  summary: 'half a minute of what the package does, with the figures of this machine',
  usage: `Usage: offloop demo [--quick]

Lets the event loop's heart beat while a heavy kernel runs on the main thread, then off it; draws a picture, sorts, and
searches for neighbours. Every figure is measured while you look.

Options:
      --quick   less work, a few seconds
  -h, --help    this text
`,
  async run(args) {
    const { values } = parse({ args: [...args], options: { quick: { type: 'boolean', default: false } } })
    const { backend, cpu, threads } = info()
    print(
      `${bold('offloop')} on ${threads} threads, ${backend === 'native' ? `native, ${cpu}` : `the ${backend} backend`}`,
    )
    if (backend !== 'native')
      print(yellow('Without a native binary the figures are those of worker threads: offloop info'))
    const scenes = [loopScene, pictureScene, sortScene, nearestScene]
    for (const [i, scene] of scenes.entries()) {
      print(`\n${bold(`${i + 1}. ${scene.title}`)}\n`)
      await scene.run(values.quick)
    }
    print(`\n${dim('More: offloop bench --html report.html')}`)
    return 0
  },
}
