// numpy-ts among the peers: its arrays live in memory of its own, which is given back after each run.

/** A run of `compute(np, ...arrays)` over inputs that are copied once; `shapes` makes matrices of them. */
export function numpyRun(np, inputs, compute) {
  const arrays = inputs.map((input) => {
    const array = np.array(input.data ?? input)
    return input.shape === undefined ? array : np.reshape(array, [...input.shape])
  })
  return () => {
    const result = compute(np, ...arrays)
    const { data } = result
    const copy = data.slice()
    result.dispose?.()
    return copy
  }
}
