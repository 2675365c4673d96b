import { expect, it } from 'vitest'

import { runNode } from '../helpers/child.ts'

it('a single executable starts itself no second time', async () => {
  const { code, stdout, stderr } = await runNode([
    '-e',
    `
      const Module = require('node:module')
      const load = Module._load
      Module._load = (name, ...rest) => (name === 'node:sea' ? { isSea: () => true } : load(name, ...rest))
      const { Pool, Process } = require('offloop')
      const fail = (error) => console.log(error.code, error.cause.code, error.message.includes("use 'worker'"))
      try {
        new Process(() => 1).start()
      } catch (error) {
        fail(error)
      }
      new Pool({ backend: 'process' }).submit(() => 1).catch(fail)
      new Pool({ backend: 'worker' }).submit(() => 'a worker').then(console.log)
    `,
  ])
  const refused = 'ERR_OFFLOOP_WORKER_START ERR_OFFLOOP_BACKEND true'
  expect([code, stdout.trim().split('\n').toSorted(), stderr]).toEqual([0, [refused, refused, 'a worker'], ''])
})
