// keep.ts - small things kept on this device.  Storage may be missing or full (private windows, managed phones):
// reading then gives the default, and writing says so with false, which the outbox must not ignore.

const PREFIX = 'sunlit.'

export function recall<T>(name: string, otherwise: T): T {
  try {
    const text = localStorage.getItem(PREFIX + name)
    return text === null ? otherwise : (JSON.parse(text) as T)
  } catch {
    return otherwise
  }
}

export function keep(name: string, value: unknown): boolean {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value))
    return true
  } catch {
    return false
  }
}

export function forget(name: string): void {
  try {
    localStorage.removeItem(PREFIX + name)
  } catch {
    // nothing was kept, so nothing is left behind
  }
}
