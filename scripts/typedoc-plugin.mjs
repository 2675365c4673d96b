// Puts the names of the API reference in order: each in the category of the folder, or for kernels the family, that it
// is from. And says of the calls of a kernel's type what they are: the comment of the kernel itself says the rest.
import { Comment, CommentTag, Converter, ReflectionKind } from 'typedoc'

const families = {
  Reductions: 'sum mean variance std min max minmax argmin argmax dot norm describe reduction',
  Order: 'sort argsort topk partition median quantile unique searchsorted rank',
  'Scans and counts': 'cumsum cumprod diff histogram bincount scan',
  Matrices: 'matmul transpose gram',
  Vectors: 'nearest pairwise normalize kmeans metric',
  Signals: 'fft ifft rfft irfft convolve correlate convolution spectrum',
  'Random numbers': 'random random-options',
  'Text and bytes': 'levenshtein closest pack-strings packed-strings text hash hash-bytes hash-list hash-stream',
  Demos: 'mandelbrot primes nbody',
}

const folders = {
  actors: 'Threads and actors',
  channels: 'Queues and channels',
  executor: 'Functions on a pool',
  flow: 'Promises and timers',
  pool: 'Functions on a pool',
  spmd: 'Ranks',
  sync: 'Locks and shared data',
  threads: 'Threads and actors',
}

const familyOf = new Map(
  Object.entries(families).flatMap(([family, stems]) => stems.split(' ').map((stem) => [stem, family])),
)

function categoryOf(reflection) {
  const [, folder, stem] = /src\/(?:(\w+)\/)?([\w-]+)\.ts$/.exec(reflection.sources?.[0].fullFileName ?? '') ?? []
  return (folder === 'kernels' ? familyOf.get(stem) : folders[folder]) ?? 'Arrays, tasks, errors'
}

// What has no comment gets none here: it is to be missed.
function categorize(reflection) {
  const { comment } = reflection.comment === undefined ? (reflection.signatures?.[0] ?? reflection) : reflection
  comment?.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: categoryOf(reflection) }]))
}

function isOfParameter({ parent }) {
  return parent !== undefined && (parent.kindOf(ReflectionKind.Parameter) || isOfParameter(parent))
}

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const type of project.getReflectionsByKind(ReflectionKind.Interface)) {
      if (!type.children?.some(({ name }) => name === 'sync')) continue
      for (const call of type.signatures ?? []) {
        call.comment ??= new Comment([{ kind: 'text', text: 'Runs it on the pool.' }])
      }
    }
    for (const child of project.children ?? []) categorize(child)
  })
  // What has no name of its own is explained where it stands: parts of a conditional type, say.
  app.converter.on(Converter.EVENT_END, ({ project }) => {
    const unnamed = [
      ...project
        .getReflectionsByKind(ReflectionKind.Property)
        .filter((property) => /\b__type\b/.test(property.getFullName())),
      ...project.getReflectionsByKind(ReflectionKind.TypeParameter).filter(({ type }) => type?.type === 'reflection'),
    ].filter((reflection) => !reflection.hasComment() && !isOfParameter(reflection))
    app.options.setValue('intentionallyNotDocumented', [...new Set(unnamed.map((each) => each.getFriendlyFullName()))])
  })
}
