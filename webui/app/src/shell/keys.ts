// keys.ts - the keys that work on every page of a desk: "/" goes to the search field.
export const typing = (e: KeyboardEvent): boolean => {
  const at = e.target as HTMLElement
  return e.ctrlKey
    || e.metaKey || e.altKey || at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)
    || document.querySelector('dialog[open]') !== null
}

export function searchKey(): void {
  document.addEventListener('keydown', (e) => {
    const field = e.key === '/' && !typing(e) ? [...document.querySelectorAll<HTMLInputElement>('input[type="search"]')].find((x) => x.offsetParent) : undefined
    if (!field) return
    e.preventDefault()
    field.focus()
    field.select()
  })
}
