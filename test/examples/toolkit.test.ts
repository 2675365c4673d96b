import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'

import { describe, expect, it } from 'vitest'

import { root } from '../helpers/child.ts'

const folder = path.join(root, 'examples', 'toolkit')
const examples = fs.readdirSync(folder).filter((file) => file.endsWith('.mjs'))

/** Each example checks its own result and throws where it is wrong. */
function run(file: string): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [path.join(folder, file)], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, said }))
  })
}

describe('examples of the toolkit', () => {
  it.each(examples)('%s', async (file) => {
    const { code, said } = await run(file)
    expect(code, said).toBe(0)
    expect(said).toMatch(/\S/)
  })
})
