// References to actors, as they arrive in a thread.
import type { PackedRef } from './control.ts'
import { lineTo } from './exchange.ts'
import { owned } from './office.ts'
import { refOf } from './ref.ts'
import { isOwn, Remote } from './remote.ts'
import type { Ref } from './ref.ts'

/** What parcel.ts calls. */
export function unpack(data: unknown): Ref {
  const packed = data as PackedRef
  const own = isOwn(packed) ? owned.get(packed.id) : undefined
  if (own === undefined) return refOf(Remote.from(packed))
  packed.ownerPort.close()
  if (packed.home?.port !== undefined) lineTo(packed.home.thread, packed.home.port)
  return refOf(own)
}
