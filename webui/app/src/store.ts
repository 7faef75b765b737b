// store.ts - what this device keeps for the people who use it: the outbox, drafts, and the last answers, in IndexedDB.
//
// All tabs share it, so nothing is read once and written back whole: each change is one transaction over what is there
// at that moment.  A browser may have no store (private windows, managed phones) or no room in it: then reading and
// writing fail, and whoever keeps something here must say so.

export type Shelf = 'outbox' | 'drafts' | 'last'

const OPEN_MS = 3000                      // some browsers never answer a first open
let opening: Promise<IDBDatabase> | null = null

function make(db: IDBDatabase): void {
  db.createObjectStore('outbox', { keyPath: 'key' })
  db.createObjectStore('drafts', { keyPath: ['account', 'id'] })
  db.createObjectStore('last', { keyPath: ['account', 'name'] }).createIndex('at', 'at')
}

function open(): Promise<IDBDatabase> {
  opening ??= new Promise((done, fail) => {
    setTimeout(() => fail(new Error('the store does not open')), OPEN_MS)
    const request = indexedDB.open('sunlit', 1)
    request.onupgradeneeded = () => make(request.result)
    request.onerror = () => fail(request.error ?? new Error('no store'))
    request.onsuccess = () => {
      const db = request.result
      db.onclose = db.onversionchange = () => { db.close(); opening = null }
      done(db)
      opening = Promise.resolve(db)       // also when it came too late for whoever asked first
    }
  })
  return opening
}

/** Runs `work` in one transaction; what it gives is there when the transaction is on disk, and only then. */
export async function transact<T = void>(
  shelf: Shelf, mode: 'readonly' | 'readwrite', work: (shelf: IDBObjectStore, give: (value: T) => void) => void
): Promise<T> {
  const db = await open()
  return new Promise((done, fail) => {
    let value: T
    const t = db.transaction(shelf, mode, shelf === 'outbox' ? { durability: 'strict' } : undefined)
    t.oncomplete = () => done(value)
    t.onabort = t.onerror = () => fail(t.error ?? new Error('not kept'))
    work(t.objectStore(shelf), (v) => { value = v })
  })
}

/** Everything of one account on a shelf whose key begins with it. */
export const ofAccount = (account: string): IDBKeyRange => IDBKeyRange.bound([account], [account, []])

/** As the store can hold it: without the reactive wrapping. */
export const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T
