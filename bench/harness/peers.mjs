// The npm packages that offloop is compared with: a folder of their own, and only with --peers.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

export const withPeers = process.env.OFFLOOP_BENCH_PEERS === '1'

const fromPeers = createRequire(new URL('../peers/package.json', import.meta.url))

export function importPeer(name) {
  return import(pathToFileURL(fromPeers.resolve(name)).href)
}
