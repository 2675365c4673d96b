import * as os from 'node:os'
import * as path from 'node:path'

import { nativeBackend } from './backends/native.ts'
import { binaryPlaces } from './binary-places.ts'
import type { BinaryPlace } from './binary-places.ts'
import { bindingFailure, loadedBinding } from './binding.ts'
import { readEnvironment } from './environment.ts'
import type { BackendName } from './options.ts'

/** What loaded, from where, and why not more. */
export interface Info {
  /** The package's version. */
  readonly version: string
  /** What 'auto' takes for kernels. */
  readonly backend: BackendName
  /** The native binary's file; undefined where none loads. */
  readonly binary: string | undefined
  /** The CPU level in use: 'baseline', 'avx2', 'avx512' or 'neon'; 'javascript' without a binary. */
  readonly cpu: string
  /** Threads of the default pool. */
  readonly threads: number
  /**
   * How inputs are held while a task runs: 'pinned' reads every ordinary and shared buffer in place, 'copied' copies
   * all but shared ones. Resizable buffers are always copied.
   */
  readonly memory: 'pinned' | 'copied'
  /** Why a backend or a CPU level is not available, and what else is out of the ordinary. */
  readonly reasons: readonly string[]
}

/** Tells what this process runs on. Loads the binary if nothing has yet. */
export function info(): Info {
  const { version } = require('../package.json') as { version: string }
  const environment = readEnvironment()
  const native = nativeBackend()
  const loaded = loadedBinding()
  const said = loaded?.binding.info()
  const reasons: string[] = []
  if (native === undefined) reasons.push(`native: ${bindingFailure()}`)
  if (environment.backend !== undefined) reasons.push(`OFFLOOP_BACKEND forces '${environment.backend}'`)
  if (said !== undefined && environment.cpu !== undefined) {
    const got = said.cpu === environment.cpu ? '' : `, but this CPU offers no more than '${said.cpu}'`
    reasons.push(`OFFLOOP_CPU asks for '${environment.cpu}'${got}`)
  }
  if (said?.memory === 'copied') {
    reasons.push(
      'memory: this runtime does not let native code hold an ArrayBuffer; SharedArrayBuffers are read in place',
    )
  }
  for (const other of otherCopies())
    reasons.push(`a second copy of offloop is loaded from ${other}, with a pool of its own`)
  return {
    version,
    backend: environment.backend ?? (native === undefined ? 'worker' : 'native'),
    binary: loaded?.file,
    cpu: said?.cpu ?? 'javascript',
    threads: said?.threads ?? environment.threads ?? os.availableParallelism(),
    memory: said?.memory ?? 'copied',
    reasons,
  }
}

/** What is worth knowing where `info()` is not enough. */
export interface Details {
  /** Where a binary was looked for, in order. */
  readonly places: readonly BinaryPlace[]
  /** Why none loaded. */
  readonly failure: string | undefined
  /** CPU levels of this machine for which there is code, lowest first; none without a binary. */
  readonly levels: readonly string[]
}

const levelsOfX64 = ['baseline', 'avx2', 'avx512']

/** How `info()` came to what it says. */
export function infoDetails(): Details {
  nativeBackend()
  const best = loadedBinding()?.binding.info().cpuBest
  const most = best === undefined ? -1 : levelsOfX64.indexOf(best)
  return {
    places: binaryPlaces(path.join(__dirname, '..')),
    failure: bindingFailure(),
    levels: most >= 0 ? levelsOfX64.slice(0, most + 1) : best === undefined ? [] : [best],
  }
}

// Every copy of the package that is loaded in this thread writes its folder here.
const copies = ((globalThis as Record<symbol, Set<string> | undefined>)[Symbol.for('offloop.copies')] ??= new Set())
copies.add(__dirname)

function otherCopies(): string[] {
  return [...copies].filter((folder) => folder !== __dirname)
}
