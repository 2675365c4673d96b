import { beforeAll, describe, expect, it } from 'vitest'

import { expectEnd, limitMs, nodeMajor, runFixture, sanitized } from './child.ts'

/** How inputs can be held: by pinning, by a copy where the runtime can't pin, or read by the portable JavaScript. */
const modes: readonly { name: string; backend: string; env: Record<string, string> }[] = [
  { name: 'native, pinned', backend: 'native', env: {} },
  { name: 'native, copied', backend: 'native', env: { OFFLOOP_MEMORY: 'copy' } },
  { name: 'worker', backend: 'worker', env: {} },
  { name: 'inline', backend: 'inline', env: {} },
]

/** Ways to take memory away, and whether the native backend still finishes with the right answer. */
const cases: readonly (readonly [name: string, native: 'ok' | 'rejected'])[] = [
  ['transfer()', 'ok'],
  ['transfer() to another size', 'ok'],
  ['structuredClone with a transfer list', 'ok'],
  ['postMessage to a worker that drops it', 'ok'],
  ['postMessage to a port that nobody reads', 'ok'],
  ['resize to nothing', 'ok'],
  ['resize to nothing under a length-tracking view', 'ok'],
  ['resize to twice the size', 'ok'],
  ['a growable SharedArrayBuffer that grows', 'ok'],
  ['a SharedArrayBuffer that nobody holds', 'ok'],
  ['an ArrayBuffer that nobody holds', 'ok'],
  ['WebAssembly.Memory that grows', 'ok'],
  ['shared WebAssembly.Memory that grows', 'ok'],
  ['a Buffer', 'ok'],
  ['out detached', 'rejected'],
  ['out shrunk', 'rejected'],
  ['in place, detached', 'rejected'],
  ['detached before the call', 'rejected'],
  ['detached or shrunk by a getter of the options', 'rejected'],
  ['the synchronous form, detached by a getter', 'rejected'],
  ['a worker terminated with the inputs in its heap', 'ok'],
  ['results dropped as soon as they are there', 'ok'],
]

describe.each(sanitized ? modes.filter(({ backend }) => backend === 'native') : modes)(
  'arrays that go away, $name',
  ({ backend, env }) => {
    const results = new Map<string, string>()

    beforeAll(async () => {
      const ended = await runFixture('detach.cjs', [backend], { env, execArgv: ['--expose-gc'] })
      expectEnd(ended, 0)
      for (const [, name, result] of ended.stdout.matchAll(/^(.*): (ok|rejected|skipped)$/gm)) results.set(name, result)
      // Else the moments are badly chosen.
      expect(ended.stdout).toMatch(/^[1-9]\d* of \d+ calls had work left/m)
    }, limitMs)

    it.each(cases)('%s: finishes with the right answer or rejects with ERR_OFFLOOP_DETACHED', (name, native) => {
      const result = results.get(name)
      const needsTransfer = name.startsWith('transfer()') && nodeMajor < 22
      const needsSync = name.startsWith('the synchronous form') && backend === 'worker'
      if (needsTransfer || needsSync) expect(result).toBe('skipped')
      else if (backend === 'native') expect(result).toBe(native)
      else expect(result).toMatch(/^(ok|rejected)$/)
    })
  },
)
