import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { PlacedExample } from '../helpers/example.ts'

interface Job {
  readonly id: string
  readonly status: string
  readonly progress: number
  readonly result?: unknown
  readonly error?: { name: string; message: string }
}

interface Server {
  readonly child: ChildProcess
  readonly url: string
  /** What it printed since. */
  readonly said: string[]
}

/** So long that no test sees its end. */
const endless = { type: 'primes', data: { below: 1e12 } }

let example: PlacedExample
const children: ChildProcess[] = []
beforeAll(() => void (example = new PlacedExample('jobs')))
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  example.remove()
})

async function startServer(...args: string[]): Promise<Server> {
  const all = ['server.mjs', '--port', '0', '--workers', '1', ...args]
  const child = spawn(process.execPath, all, { cwd: example.folder, stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const lines = createInterface(child.stdout)
  const [first] = (await once(lines, 'line')) as [string]
  const said: string[] = []
  lines.on('line', (line) => said.push(line))
  return { child, url: first.replace('jobs at ', ''), said }
}

function post({ url }: Server, body: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(`${url}/jobs`, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function add(server: Server, body: unknown): Promise<Job> {
  const response = await post(server, body)
  expect(response.status).toBe(202)
  const job = (await response.json()) as Job
  expect(response.headers.get('location')).toBe(`/jobs/${job.id}`)
  return job
}

const get = async ({ url }: Server, { id }: Job): Promise<Job> =>
  (await (await fetch(`${url}/jobs/${id}`)).json()) as Job

/** The events of a job as they come, until there are no more. */
async function* eventsOf({ url }: Server, { id }: Job): AsyncGenerator<{ event: string; job: Job }> {
  const response = await fetch(`${url}/jobs/${id}/events`)
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  let text = ''
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    text += part
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const [, event, data] = /^event: (\w+)\ndata: (.*)$/.exec(text.slice(0, end))!
      yield { event, job: JSON.parse(data) as Job }
      text = text.slice(end + 2)
    }
  }
}

async function outcomeOf(server: Server, job: Job): Promise<Job> {
  let last: { event: string; job: Job } | undefined
  for await (const event of eventsOf(server, job)) last = event
  expect(last?.event).toBe('settled')
  return last!.job
}

/** Until the first progress that is more than none. */
async function begun(server: Server, job: Job): Promise<void> {
  for await (const { job: now } of eventsOf(server, job)) if (now.progress > 0) return
}

describe('jobs that run', () => {
  let server: Server
  beforeAll(async () => void (server = await startServer('--queue', '2', '--kept', '3')))

  it('give their result, after events whose progress only grows', async () => {
    const job = await add(server, { type: 'primes', data: { below: 300_000 } })
    const seen = []
    for await (const event of eventsOf(server, job)) seen.push(event)
    const fractions = seen.map(({ job: { progress } }) => progress)
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
    expect(seen.map(({ event }) => event)).toEqual([...seen.slice(1).map(() => 'progress'), 'settled'])
    // The number of primes below 3·10^5.
    const over = { id: job.id, status: 'done', progress: 1, result: { count: 25_997 } }
    expect(seen.at(-1)!.job).toMatchObject(over)
    expect(await get(server, job)).toMatchObject(over)
    expect(await outcomeOf(server, job)).toMatchObject(over)
  })

  it('fail with their error', async () => {
    const job = await add(server, { type: 'primes', data: { below: -1 } })
    const { status, error } = await outcomeOf(server, job)
    expect({ status, name: error?.name }).toEqual({ status: 'failed', name: 'RangeError' })
    const other = await add(server, { type: 'words', data: { text: 'to be or not to be, to' } })
    expect((await outcomeOf(server, other)).result).toEqual([
      { word: 'to', count: 3 },
      { word: 'be', count: 2 },
      { word: 'or', count: 1 },
      { word: 'not', count: 1 },
    ])
  })

  it('are refused where there is no such type, or no room', async () => {
    expect((await post(server, { type: 'toString' })).status).toBe(400)
    expect((await fetch(`${server.url}/jobs/none`)).status).toBe(404)
    const [first, second] = [await add(server, endless), await add(server, endless)]
    await begun(server, first)
    const refused = await post(server, endless)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])

    const cancel = await fetch(`${server.url}/jobs/${second.id}`, { method: 'DELETE' })
    expect([cancel.status, ((await cancel.json()) as Job).status]).toEqual([200, 'cancelled'])
    await fetch(`${server.url}/jobs/${first.id}`, { method: 'DELETE' })
    expect(await outcomeOf(server, first)).toMatchObject({ status: 'cancelled', error: { name: 'AbortError' } })
    const next = await add(server, { type: 'primes', data: { below: 100 } })
    expect((await outcomeOf(server, next)).result).toEqual({ count: 25 })
  })

  it('are forgotten some time after they are over', async () => {
    const jobs = []
    for (let i = 0; i < 5; i++) {
      jobs.push(await add(server, { type: 'words', data: { text: 'a' } }))
      await outcomeOf(server, jobs[i])
    }
    const statuses = await Promise.all(jobs.map(async ({ id }) => (await fetch(`${server.url}/jobs/${id}`)).status))
    expect(statuses).toEqual([404, 404, 200, 200, 200])
  })
})

describe('a server that is told to end', () => {
  it('takes no more, finishes what it has, and tells of it until then', async () => {
    const server = await startServer()
    const [running, waiting] = [
      await add(server, { type: 'primes', data: { below: 1_000_000 } }),
      await add(server, { type: 'primes', data: { below: 100 } }),
    ]
    const outcomes = [outcomeOf(server, running), outcomeOf(server, waiting)]
    await begun(server, running)
    server.child.kill('SIGTERM')
    while (!server.said.includes('finishing what was taken')) await new Promise((resolve) => setTimeout(resolve, 5))
    // Unless it is over by now, it answers that it takes no more.
    const status = await post(server, endless).then(
      (response) => response.status,
      () => 503,
    )
    expect(status).toBe(503)
    const results = await Promise.all(outcomes)
    expect(results.map(({ result }) => result)).toEqual([{ count: 78_498 }, { count: 25 }])
    if (server.child.exitCode === null) await once(server.child, 'exit')
    expect(server.child.exitCode).toBe(0)
  })

  it('cancels what it has when it is told again', async () => {
    const server = await startServer()
    const job = await add(server, endless)
    const outcome = outcomeOf(server, job)
    await begun(server, job)
    server.child.kill('SIGTERM')
    while (!server.said.includes('finishing what was taken')) await new Promise((resolve) => setTimeout(resolve, 5))
    server.child.kill('SIGTERM')
    expect((await outcome).status).toBe('cancelled')
    if (server.child.exitCode === null) await once(server.child, 'exit')
    expect(server.child.exitCode).toBe(0)
  })

  it('cancels what is not over after the time of grace', async () => {
    const server = await startServer('--grace', '0.1')
    const job = await add(server, endless)
    const outcome = outcomeOf(server, job)
    await begun(server, job)
    server.child.kill('SIGINT')
    expect((await outcome).status).toBe('cancelled')
  })
})
