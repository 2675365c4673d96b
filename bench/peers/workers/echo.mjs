// A task of piscina.
export default function noop(x) {
  return x
}
