// within.ts - what is a path of this site.  A path may have been written by anybody, into a link or an address.

/** The path, or "/" when a browser would take it for another site: "//host/x", "/\\host", "/..//host", "https://host". */
export function within(path: unknown, origin: string = location.origin): string {
  try {
    const { origin: there, pathname, search, hash } = new URL(String(path), origin)
    if (there === origin && !pathname.startsWith('//') && String(path).startsWith('/')) return pathname + search + hash
  } catch {
    // no address at all
  }
  return '/'
}
