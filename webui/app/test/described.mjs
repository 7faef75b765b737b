// described.mjs - the parameters that docs/openapi.yaml describes, so that a stand-in notices what the programs refuse.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const text = readFileSync(fileURLToPath(new URL('../../../docs/openapi.yaml', import.meta.url)), 'utf8')
const named = new Map([...text.matchAll(/&(\w+) \{name: (\w+), in: query/g)].map(([, anchor, name]) => [anchor, name]))

// Each operation's part of the text begins with its path and its method.
const described = new Map()
for (const [, path, item] of text.matchAll(/^ {2}(\/\S+):\n([^]*?)(?=^ {2}\/|^\S)/gm)) {
  for (const [, method, part] of item.matchAll(/^ {4}(get|post|patch):([^]*?)(?=^ {4}\w|$(?![^]))/gm)) {
    const names = [...part.matchAll(/\{name: (\w+), in: query/g)].map((m) => m[1])
    const aliased = [...(part.match(/parameters:[^]*?(?=responses:|requestBody:|$(?![^]))/)?.[0] ?? '').matchAll(/\*(\w+)/g)].map((m) => named.get(m[1])).filter(Boolean)
    described.set(`${method.toUpperCase()} ${path}`, new Set([...names, ...aliased, 'lang', ...(method === 'get' ? ['as'] : [])]))
  }
}
const fits = (pattern, path) => new RegExp(`^${pattern.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`).test(path)

/** The first parameter of an address below /api/v1 that its operation does not have. */
export function strayParameter(method, path, query) {
  const operations = [...described.keys()].filter((o) => o.startsWith(method + ' ') && fits(o.slice(method.length + 1), path))
  const own = operations.find((o) => !o.includes('{')) ?? operations[0]
  const list = path.endsWith('.xlsx') ? described.get(`${method} ${path.slice(0, -5)}`) : null
  const known = list ? new Set([...list].filter((name) => name !== 'after' && name !== 'limit')) : described.get(own)
  return known ? [...query.keys()].find((name) => !known.has(name)) : undefined
}
