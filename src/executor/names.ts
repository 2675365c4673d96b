import { runInNewContext } from 'node:vm'

const nodeNames =
  'AbortController AbortSignal Blob BroadcastChannel Buffer ByteLengthQueuingStrategy CloseEvent CompressionStream ' +
  'CountQueuingStrategy Crypto CryptoKey CustomEvent DOMException DecompressionStream ErrorEvent Event EventSource ' +
  'EventTarget File FormData Headers MessageChannel MessageEvent MessagePort Navigator Performance PerformanceEntry ' +
  'PerformanceMark PerformanceMeasure PerformanceObserver PerformanceObserverEntryList PerformanceResourceTiming ' +
  'ReadableByteStreamController ReadableStream ReadableStreamBYOBReader ReadableStreamBYOBRequest ' +
  'ReadableStreamDefaultController ReadableStreamDefaultReader Request Response Storage SubtleCrypto TextDecoder ' +
  'TextDecoderStream TextEncoder TextEncoderStream TransformStream TransformStreamDefaultController URL ' +
  'URLPattern URLSearchParams WebSocket WritableStream WritableStreamDefaultController WritableStreamDefaultWriter ' +
  'atob btoa clearImmediate clearInterval clearTimeout console crypto fetch global navigator performance process ' +
  'queueMicrotask setImmediate setInterval setTimeout structuredClone undefined'

let names: ReadonlySet<string> | undefined

/**
 * Whether every worker has it: it is of the language, as a fresh realm has it, or of Node. What the main thread hung on
 * its own globalThis is neither.
 */
export function isGlobal(name: string): boolean {
  names ??= new Set([
    ...(runInNewContext('Object.getOwnPropertyNames(globalThis)') as string[]),
    ...nodeNames.split(' '),
  ])
  return names.has(name)
}

/** Names that the worker gives to functions: `require`, and what compilers and coverage tools put into sources. */
export function isSupplied(name: string): boolean {
  return name === 'require' || name === '__name' || name === viteImport || /^cov_\w+$/.test(name)
}

/** What vite makes of `import` where it runs modules itself, as vitest has it do. */
export const viteImport = '__vite_ssr_dynamic_import__'

/** What stands for `import` in sources, of the same length, so that columns stay what they are. */
export const importName = 'imp0rt'
