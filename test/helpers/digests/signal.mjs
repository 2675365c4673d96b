import { fft, ifft, irfft, ndarray, rfft } from 'offloop'

/** The same bits on every backend and CPU level. */
export const everywhere = []

export default async function digest(add, options, { n, floats, singles }) {
  for (const x of [floats, singles]) {
    await add('fft', fft(x.subarray(0, 2 ** Math.floor(Math.log2(n))), options))
    await add('fft', fft(x.subarray(0, 2 * 1000 * 20), { ...options, n: 1000 }))
    await add('fft', ifft(x.subarray(0, 2 * 64 * 100), { ...options, n: 64 }))
    await add('fft', fft(x.subarray(0, 2 * 10007), options))
    await add('fft', rfft(x.subarray(0, 65536), options))
    await add('fft', irfft(x.subarray(0, 40002), options))
    await add('fft', fft(ndarray(x.subarray(0, 2 * 100 * 90), [100, 90, 2]), { ...options, axis: 0 }))
  }
}
