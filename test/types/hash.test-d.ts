import { createReadStream } from 'node:fs'
import { ReadableStream } from 'node:stream/web'

import { hash } from 'offloop'
import type { HashOptions, HashOutput, Task } from 'offloop'
import { describe, expectTypeOf, it } from 'vitest'

const bytes = new Uint8Array(3)

describe('hash', () => {
  it('gives a string, or a Buffer where that is asked for', () => {
    expectTypeOf(hash(bytes)).toEqualTypeOf<Task<string>>()
    expectTypeOf(hash('text', { algorithm: 'xxh3', seed: 5n })).toEqualTypeOf<Task<string>>()
    expectTypeOf(hash(new DataView(bytes.buffer), { output: 'buffer' })).toEqualTypeOf<Task<Buffer>>()
    expectTypeOf(hash.sync(new Float64Array(3), { output: 'hex' })).toEqualTypeOf<string>()
    const options: HashOptions = {}
    expectTypeOf(hash(bytes, options)).toEqualTypeOf<Task<string | Buffer>>()
    expectTypeOf<HashOutput>().toEqualTypeOf<'hex' | 'buffer'>()
  })

  it('gives an array for an array', () => {
    expectTypeOf(hash([bytes, 'text', new ArrayBuffer(3)])).toEqualTypeOf<Task<string[]>>()
    expectTypeOf(hash([bytes] as const, { output: 'buffer' })).toEqualTypeOf<Task<Buffer[]>>()
    expectTypeOf(hash.sync([bytes])).toEqualTypeOf<string[]>()
  })

  it('takes streams, but not in the synchronous form', () => {
    expectTypeOf(hash(createReadStream('file'))).toEqualTypeOf<Task<string>>()
    expectTypeOf(hash(new ReadableStream<Uint8Array>())).toEqualTypeOf<Task<string>>()
    // @ts-expect-error streams can't be waited for
    hash.sync(createReadStream('file'))
  })

  it('refuses what has no bytes', () => {
    // @ts-expect-error a number
    hash(5)
    // @ts-expect-error an unknown algorithm
    hash(bytes, { algorithm: 'md5' })
    // @ts-expect-error an unknown output
    hash(bytes, { output: 'base64' })
  })
})
