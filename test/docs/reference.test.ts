import * as path from 'node:path'

import { expect, it } from 'vitest'

import { root, runNode } from '../helpers/child.ts'

// Only the comments are looked at here: types are checked by the build.
it('documents every public name and all of its members, with links that lead somewhere', async () => {
  const typedoc = path.join(root, 'node_modules', 'typedoc', 'bin', 'typedoc')
  const { code, stdout, stderr } = await runNode([
    typedoc,
    '--emit',
    'none',
    '--skipErrorChecking',
    '--logLevel',
    'Warn',
  ])
  expect({ code, said: stdout + stderr }).toEqual({ code: 0, said: '' })
})
