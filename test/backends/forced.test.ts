import { describe, expect, it } from 'vitest'

import { jsonFrom, runModule } from '../helpers/child.ts'

interface Said {
  readonly backend: string
  readonly threads: number
  readonly value: number
  readonly info: {
    readonly backend: string
    readonly cpu: string
    readonly threads: number
    readonly reasons: string[]
  }
}

const script = `
  import { info, sum } from 'offloop'
  const task = sum(new Float64Array(3_000_000).fill(0.5))
  const value = await task
  console.log(JSON.stringify({ backend: task.backend, threads: task.timing.threads, value, info: info() }))
`

describe('OFFLOOP_BACKEND', () => {
  it.each(['native', 'worker', 'inline'])('forces %s for calls that name none', async (backend) => {
    const said = await jsonFrom<Said>(script, { OFFLOOP_BACKEND: backend })
    expect(said.value).toBe(1_500_000)
    expect(said.backend).toBe(backend)
    expect(said.info.backend).toBe(backend)
    expect(said.info.reasons.join()).toContain(`OFFLOOP_BACKEND forces '${backend}'`)
    if (backend === 'inline') expect(said.threads).toBe(0)
    else expect(said.threads).toBeGreaterThan(0)
  })

  it('gives way to what a call or its pool names', async () => {
    const said = await jsonFrom<string[]>(
      `import { Pool, sum } from 'offloop'
       const x = new Float64Array(100)
       const tasks = [sum(x, { backend: 'native' }), sum(x, { pool: new Pool({ backend: 'inline' }) }), sum(x)]
       await Promise.all(tasks)
       console.log(JSON.stringify(tasks.map((task) => task.backend)))`,
      { OFFLOOP_BACKEND: 'worker' },
    )
    expect(said).toEqual(['native', 'inline', 'worker'])
  })

  it('also decides where the synchronous form runs', async () => {
    const source = `
      import { sum } from 'offloop'
      console.log(JSON.stringify(sum.sync(Float64Array.of(1, 2))))`
    for (const backend of ['native', 'worker', 'inline']) {
      expect(await jsonFrom(source, { OFFLOOP_BACKEND: backend })).toBe(3)
    }
  })

  it('rejects with ERR_OFFLOOP_BACKEND where kernels do not run', async () => {
    const said = await jsonFrom<string>(
      `import { sum } from 'offloop'
       console.log(JSON.stringify(await sum(new Float64Array(1)).catch((error) => error.code)))`,
      { OFFLOOP_BACKEND: 'process' },
    )
    expect(said).toBe('ERR_OFFLOOP_BACKEND')
  })

  it.each([
    ['OFFLOOP_BACKEND', 'gpu'],
    ['OFFLOOP_CPU', 'avx1024'],
    ['OFFLOOP_THREADS', '0'],
    ['OFFLOOP_THREADS', '1.5'],
    ['OFFLOOP_THREADS', '257'],
  ])('and its kin: %s=%s is an error that says what would do', async (name, value) => {
    const said = await jsonFrom<{ message: string; kind: string }>(
      `import { sum } from 'offloop'
       const error = await sum(new Float64Array(1)).catch((each) => each)
       console.log(JSON.stringify({ message: error.message, kind: error.constructor.name }))`,
      { [name]: value },
    )
    expect(said.message).toMatch(
      new RegExp(`^Expected the environment variable \`${name}\` to be .+, got \`'${value}'\` \\(string\\)$`),
    )
    expect(said.kind).toBe('RangeError')
  })

  it('means nothing when it is empty', async () => {
    const said = await jsonFrom<Said>(script, { OFFLOOP_BACKEND: '', OFFLOOP_CPU: '', OFFLOOP_THREADS: '' })
    expect(said.backend).toBe('native')
  })
})

describe('OFFLOOP_THREADS', () => {
  it.each(['1', '3'])('sets the threads of the default pool to %s', async (count) => {
    for (const backend of ['native', 'worker']) {
      const said = await jsonFrom<Said>(script, { OFFLOOP_BACKEND: backend, OFFLOOP_THREADS: count })
      expect(said.info.threads).toBe(Number(count))
      expect(said.threads).toBeLessThanOrEqual(Number(count))
    }
  })
})

describe('a backend that a call names', () => {
  it('is the one that takes it', async () => {
    const { sum } = await import('offloop')
    const x = new Float64Array(100_000).fill(1)
    for (const backend of ['native', 'worker', 'inline'] as const) {
      const task = sum(x, { backend })
      expect(task.backend).toBe(backend)
      expect(await task).toBe(100_000)
    }
    await expect(sum(x, { backend: 'process' })).rejects.toMatchObject({ code: 'ERR_OFFLOOP_BACKEND' })
    expect(() => sum.sync(x, { backend: 'worker' })).toThrow(
      expect.objectContaining({ code: 'ERR_OFFLOOP_BACKEND' }) as Error,
    )
    expect(sum.sync(x, { backend: 'inline' })).toBe(100_000)
  })

  it('writes nothing to the console', async () => {
    const { stderr, code } = await runModule(script)
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })
})
