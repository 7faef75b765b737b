/** The word for one or for more, after a number as it is written: 1 entry, 1,204 entries. */
export const many = (n: string | number, one: string, more: string): string => (String(n) === '1' ? one : more)
